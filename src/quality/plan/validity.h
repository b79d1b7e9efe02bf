// From "what is missing, what is valid" to SQL conditions.
#pragma once

#include <functional>
#include <string>

#include "quality/plan/sql.h"
#include "quality/plan/variables.h"

namespace metl::quality {

// The check's own settings, completed by those of `configurations for`: value lists add up, everything else of the
// check's wins.
Validity merge(const Validity& check, const Validity& configured);

// What two `configurations for` say about one column: the later one's own settings, and the earlier one's others.
Validity overridden(const Validity& earlier, const Validity& later);

// Calls `change` for every text of the settings, the values of their lists too.
void change_texts(Validity& validity, const std::function<void(Text&)>& change);

// SQL conditions over one row; none is NULL for any row. `valid` and `invalid` are "" where nothing is said about them.
struct ValiditySql {
  std::string missing;
  std::string usable;   // neither missing nor invalid
  std::string invalid;  // counts as invalid; "" when nothing says what is
};

// Throws Problem for a setting that cannot be made SQL.
ValiditySql validity_sql(const Validity& validity, const Column& column, const Variables& variables,
                         const sql::Dialect& dialect, bool compat);

// The column as a number: as it is, or a text of a numeric format without its signs and units.
std::string number_sql(const Validity& validity, const Column& column, const sql::Dialect& dialect);

}  // namespace metl::quality

// What the checks with `on_bad_rows` say of a single row: the very conditions that the checks count by, so that a row
// which no rule calls bad is one that these checks do not count either.
#pragma once

#include <string>
#include <vector>

#include "quality/model/ast.h"
#include "quality/scan.h"

namespace metl::quality {

struct RowRule {
  std::string name;    // the check's
  Location location;   // the check's
  std::string view;    // quoted: whose rows it judges. The condition calls a row `source` where it has to.
  std::string is_bad;  // SQL: true for a bad row; false or NULL for all others
  OnBadRows limit;
};

// In the order written. Asks `data` for views and schemas, runs no query. What is wrong with the files is not told:
// explain() does that.
std::vector<RowRule> row_rules(const ScanRequest& request, const DataAccess& data);

// Whether any check of these files has `on_bad_rows`. Reads the files alone.
bool have_row_rules(const std::vector<std::string>& files);

}  // namespace metl::quality

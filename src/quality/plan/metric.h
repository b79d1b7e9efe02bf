// From one metric to the measurements that it needs: SQL expressions over one dataset.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "quality/plan/validity.h"

namespace metl::quality {

// One value that the data gives.
struct Measurement {
  enum class Kind {
    kAggregate,   // `sql`: an aggregate expression over a source; shares one query with the others of its source
    kDuplicates,  // `key`, `condition`: DataAccess::duplicate_keys
    kQuery,       // `sql`: a whole SELECT; of the first row the last value that is not NULL
    kRows,        // `sql`: a whole SELECT; all of its rows, which are few
  };
  Kind kind = Kind::kAggregate;
  std::string sql;
  std::vector<std::string> key;
  std::string condition;

  auto operator<=>(const Measurement&) const = default;
};

// What a check's value is made of.
enum class Formula {
  kValue,       // the measurement
  kWhole,       // the same, a whole number also where it comes as a real one (a sum wider than 64 bits)
  kReal,        // the same, a real number also where it comes as a whole one
  kPercent,     // 100 * first / second, rounded to 2 digits; 0 when either is 0
  kDifference,  // first - second
  kAge,         // from the measurement, a time, to now
};

struct Measured {
  Formula formula = Formula::kValue;
  std::vector<Measurement> inputs;
  std::vector<std::string> labels;  // of each input, for diagnostics: "row_count"
  std::string column;               // "" for none or several
  std::string failing;              // SQL condition of a row that does not satisfy the check; "" for none
  // The column of which the value is one value, or made of its values; none where it only counts or measures lengths.
  std::optional<Field> values_of = {};
};

// A dataset with the rows that a section is about.
struct Source {
  std::string dataset;
  std::string partition;
  std::string view;   // quoted
  std::string where;  // SQL; "" for all rows
  Schema schema;
};

struct MetricContext {
  const Source& source;
  const std::vector<std::pair<std::string, Validity>>& configured;  // column, settings; a column once
  const Variables& variables;
  const sql::Dialect& dialect;
  bool compat;
};

// Throws Problem at `check.at` or deeper. `filter` is the check's own, already SQL, or "".
Measured measure_metric(const Check& check, const MetricBody& body, const std::string& filter,
                        const MetricContext& context);

// What counts as missing, valid and invalid for a column: the check's own settings and those of `configurations for`.
Validity validity_of_column(const Validity& own, const std::string& column, const MetricContext& context);

// COUNT of the rows that satisfy `condition`; of all for "".
std::string count_sql(const std::string& condition);

}  // namespace metl::quality

// What a scan finds: outcomes of checks, errors, queries that ran, and what surveys saw.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rows.h"
#include "base/type.h"
#include "quality/model/history.h"
#include "quality/model/location.h"
#include "quality/model/schema_differences.h"

namespace metl::quality {

using metl::to_text;  // of a Value, beside those of this layer's own types

enum class Outcome { kPass, kWarn, kFail, kNotEvaluated };

// "pass", "warn", "fail", "not_evaluated".
std::string_view to_text(Outcome outcome);

// When a value is bad, as Soda Core's results name it: {"greaterThan", 3}.
using Bounds = std::vector<std::pair<std::string, double>>;

// Where a result comes from, for tools that follow a check from scan to scan.
struct Origin {
  std::string yaml;    // the check under its section's header
  std::string traits;  // all that makes it the same check in another scan; its identity is a hash of that (identity.h)
  std::string metric_traits;         // what its value depends on beside dataset, partition, column and metric
  std::optional<std::string> group;  // of a check in a `group by`: its group, "2021-01-01,NL"
};

struct CheckResult {
  std::string name;
  std::string dataset;     // "" for a check of no dataset
  std::string partition;   // "" for none
  std::string column;      // "" for none or several
  std::string definition;  // the check as written, one line
  std::string metric;      // "invalid_count"
  std::string measured;    // what `value` is the value of, for people: "invalid_count(rating)"
  Location location;
  Outcome outcome = Outcome::kNotEvaluated;
  // Not evaluated, and nothing is wrong: there are too few earlier measurements yet to compare with. A notice says so.
  bool warming_up = false;
  Value value;            // measured; NULL when there is none; freshness: milliseconds
  std::string threshold;  // for people: "must be = 0", "warns when > 3, fails when > 10"
  std::vector<std::pair<std::string, std::string>> diagnostics;  // further lines, in order
  std::string failing_rows;  // of a check that warned or failed: SELECT of the rows that do not satisfy it; "" if there
                             // are none to show
  int64_t samples_limit = 100;  // how many of them to keep at most; 0 for none
  std::string sample_file;      // where failing rows are kept; "" for nowhere. Filled in by who keeps them
  Rows sample_preview;          // the first of them
  Bounds warns, fails;          // of metrics with a threshold
  Origin origin;
  Schema schema;                                                // of a schema check: the columns found
  SchemaDifferences schema_fails, schema_warns;                 // what breaks its rules
  std::string identity;                                         // as the file gives it; "" for none
  std::vector<std::pair<std::string, std::string>> attributes;  // the user's, in order

  // Warned or failed.
  bool is_bad() const { return outcome == Outcome::kWarn || outcome == Outcome::kFail; }
};

struct ScanError {
  Location location;
  std::string message;  // what is wrong, and where it helps, what to do
};

// A query of the scan. Its name is unique among those of its dataset and filter: "aggregation[0]".
struct QueryRun {
  std::string name;
  std::string dataset;    // "" for one of no dataset
  std::string partition;  // "" for none
  std::string sql;
  double seconds = 0;
  std::string error;  // "" when it succeeded
};

// What `profile columns` finds out about a number or text; which figures, see survey.h.
struct ColumnProfile {
  Field column;
  std::vector<Value> mins, maxs;                       // of a number: its smallest and largest distinct values
  std::vector<std::pair<Value, int64_t>> frequent;     // value and how often, most frequent first
  std::vector<std::pair<std::string, Value>> figures;  // by Soda Core's name: "avg"
  std::vector<double> boundaries;                      // of a number's histogram; none where all values are equal
  std::vector<int64_t> frequencies;                    // of the bin that begins at each boundary
};

struct DatasetProfile {
  std::string dataset;
  int64_t rows = 0;
  std::vector<ColumnProfile> columns;
};

struct FoundDataset {
  std::string dataset;
  Schema columns;
};

// A dataset of which the first rows are wanted. The last two are filled in by who keeps them.
struct DatasetSample {
  std::string dataset;
  std::string rows;  // SELECT
  std::string file;  // "" for nowhere
  Rows preview;
};

struct Survey {
  std::vector<FoundDataset> discovered;
  std::vector<DatasetProfile> profiles;
  std::vector<DatasetSample> samples;

  bool empty() const { return discovered.empty() && profiles.empty() && samples.empty(); }
};

struct ScanResult {
  std::vector<CheckResult> checks;  // in the order written
  std::vector<ScanError> errors;
  std::vector<ScanError> notices;      // changes no outcome, but worth a look: deprecated or ignored settings
  std::vector<QueryRun> queries;       // in the order in which they ran
  std::vector<HistoryRecord> records;  // what the scan measured for later ones; the caller stores them (history.h)
  // Dataset and filter as the files' headers name them, which is Soda Core's order of checks; no filter of a header
  // that is about columns.
  std::vector<std::pair<std::string, std::optional<std::string>>> mentions;
  Survey survey;  // what the sections that only look at the data found

  int count(Outcome outcome) const;
  // Of those not evaluated, the checks that are warming up: they must not hold back what they wait for.
  int warming_up() const;
  // As Soda Core 3: errors 3, failures 2, warnings 1, else 0.
  int soda_exit_code() const;
};

}  // namespace metl::quality

// SodaCL checks over datasets that somebody else can query: parse -> plan -> evaluate. Rendering is in render.h.
//
// The layer knows no engine: it is handed functions. Every SQL text it builds is DuckDB's and Spark's common dialect;
// the few places where the two differ go through Dialect (dialect.h).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/rows.h"
#include "base/type.h"
#include "quality/dialect.h"

namespace metl::quality {

using metl::to_text;  // of a Value, beside those of this layer's own types

// How checks reach data. `view_of` turns a dataset's name as written in the checks into the quoted name of a view, or
// nothing when there is none. All may throw metl::Error: the check that asked is then reported as an error, the others
// go on (an Error{kInterrupted} is passed on to scan's caller). The user's own SQL (`fail query` and the like) names
// datasets as the checks do: it works where the engine knows them under these names.
struct DataAccess {
  std::function<std::optional<std::string>(const std::string& dataset)> view_of;
  std::function<Schema(const std::string& view)> schema_of;
  std::function<Rows(const std::string& sql)> query;
  // Key columns come as they are named in the schema, unquoted; `condition` is SQL, "" for all rows.
  std::function<int64_t(const std::string& view, const std::vector<std::string>& key, const std::string& condition)>
      duplicate_keys;
  // Every dataset there is, for `for each dataset` and for hints. May be absent.
  std::function<std::vector<std::string>()> datasets = {};
  Dialect dialect = duckdb_dialect();
};

enum class Outcome { kPass, kWarn, kFail, kNotEvaluated };

struct Location {
  std::string file;
  int line = 0;    // from 1
  int column = 0;  // from 1
};

// "checks.yaml:18:5"; "" for a location without a file.
std::string to_text(const Location& location);

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
  Value value;            // measured; NULL when there is none; freshness: milliseconds
  std::string threshold;  // for people: "must be = 0", "warns when > 3, fails when > 10"
  std::vector<std::pair<std::string, std::string>> diagnostics;  // further lines, in order
  std::string failing_rows;  // of a check that warned or failed: SELECT of the rows that do not satisfy it; "" if there
                             // are none to show
  int64_t samples_limit = 100;                                  // how many of them to keep at most; 0 for none
  std::string identity;                                         // as the file gives it; "" for none
  std::vector<std::pair<std::string, std::string>> attributes;  // the user's, in order
};

struct ScanError {
  Location location;
  std::string message;  // what is wrong, and where it helps, what to do
};

struct ScanResult {
  std::vector<CheckResult> checks;  // in the order written
  std::vector<ScanError> errors;
  std::vector<ScanError> notices;    // changes no outcome, but worth a look: deprecated or ignored settings
  std::vector<std::string> queries;  // the SQL that ran, in order

  int count(Outcome outcome) const;
  // As Soda Core 3: errors 3, failures 2, warnings 1, else 0.
  int soda_exit_code() const;
};

struct ScanRequest {
  std::vector<std::string> files;                // YAML files
  std::map<std::string, std::string> variables;  // override those that the files declare
  std::chrono::system_clock::time_point now;     // of freshness checks
  bool compat = false;                           // pass in silence where Soda Core does
};

// Never throws for what a checks file or its data can cause: that is in `errors`, check by check.
ScanResult scan(const ScanRequest& request, const DataAccess& data);

}  // namespace metl::quality

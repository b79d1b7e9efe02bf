// SodaCL checks over datasets that somebody else can query: parse -> plan -> evaluate. Rendering is in render.h.
//
// The layer knows no engine: it is handed functions. Every SQL text it builds is DuckDB's and Spark's common dialect.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/rows.h"
#include "base/type.h"

namespace metl::quality {

// How checks reach data. `view_of` turns a dataset's name as written in the checks into the quoted name of a view, or nothing
// when there is none.
struct DataAccess {
  std::function<std::optional<std::string>(const std::string& dataset)> view_of;
  std::function<Schema(const std::string& view)> schema_of;
  std::function<Rows(const std::string& sql)> query;
  std::function<int64_t(const std::string& view, const std::vector<std::string>& key, const std::string& condition)> duplicate_keys;
};

enum class Outcome { kPass, kWarn, kFail, kNotEvaluated };

struct Location {
  std::string file;
  int line = 0;    // from 1
  int column = 0;  // from 1
};

struct CheckResult {
  std::string name;
  std::string dataset;
  std::string partition;      // "" for none
  std::string column;         // "" for none
  std::string definition;     // the check as written, one line
  std::string metric;         // "invalid_count"
  Location location;
  Outcome outcome = Outcome::kNotEvaluated;
  Value value;                // measured; NULL when there is none
  std::string threshold;      // for people: "must be = 0"
  std::vector<std::pair<std::string, std::string>> diagnostics;  // further lines, in order
  std::string failing_rows;   // SELECT of the rows that do not satisfy the check; "" where there are none to show
};

struct ScanError {
  Location location;
  std::string message;  // what is wrong, and where it helps, what to do
};

struct ScanResult {
  std::vector<CheckResult> checks;  // in the order written
  std::vector<ScanError> errors;
  std::vector<std::string> queries; // the SQL that ran, in order

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

// How checks reach data: functions that whoever asks for a scan hands over. The layer knows no engine.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/rows.h"
#include "base/type.h"
#include "sql/dialect.h"

namespace metl::quality {

// The name of the data source that is scanned, as checks files of Soda write it.
constexpr const char* kDataSource = "db";

// How checks reach data. `view_of` turns a dataset's name as written in the checks into the quoted name of a view, or
// nothing when there is none. All may throw metl::Error: the check that asked is then reported as an error, the others
// go on (an Error{kInterrupted} is passed on to scan's caller). The user's own SQL (`fail query` and the like) names
// datasets as the checks do: it works where the engine knows them under these names.
struct DataAccess {
  std::function<std::optional<std::string>(const std::string& dataset)> view_of;
  std::function<Schema(const std::string& view)> schema_of;
  std::function<Rows(const std::string& sql)> query;
  // The view, or one of the same columns with fewer files: those that can hold rows for which `condition` (SQL) is
  // true. Key columns come as they are named in the schema, unquoted; `condition` is SQL, "" for all rows.
  std::function<int64_t(const std::string& view, const std::vector<std::string>& key, const std::string& condition)>
      duplicate_keys;
  // The view, or one of the same columns with fewer files: those that can hold rows for which `condition` (SQL) is
  // true. May be absent.
  std::function<std::string(const std::string& view, const std::string& condition)> narrowed = {};
  // Every dataset there is, for `for each dataset` and for hints. May be absent.
  std::function<std::vector<std::string>()> datasets = {};
  sql::Dialect dialect = sql::duckdb_dialect();
};

}  // namespace metl::quality

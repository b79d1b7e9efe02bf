// What DuckDB says of a statement that failed, as the program's one Error. Clients get it as JSON (errors_as_json),
// with the kind of the error and, where the system refused something, its errno. Words are read only to tell a data
// file that is not there, for which DuckDB has no sign of its own.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace metl::engine {

// Whether a file is one of those that a client may read.
using MayRead = std::function<bool(const std::string& path)>;

// `answer`: of duckdb_result_error() and the like; null for none. `sql`: what was asked; a line of it is shown where
// DuckDB names a position. A file that is not there is said to be missing, where DuckDB calls its path a pattern; or,
// without ".parquet" at its end, a folder that must not be looked into: there `may_read` tells the two apart.
Error failure_of(const char* answer, std::string_view sql, const MayRead& may_read);

}  // namespace metl::engine

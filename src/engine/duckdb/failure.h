// What DuckDB says of a statement that failed, as the program's one Error. Clients get it as JSON (errors_as_json),
// with the kind of the error and, where the system refused something, its errno: its words are only shown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace metl::engine {

// `answer`: of duckdb_result_error() and the like; null for none. `sql`: what was asked; a line of it is shown where
// DuckDB names a position. Of a file that is not there in our words, for DuckDB calls a path a pattern.
Error failure_of(const char* answer, std::string_view sql);

// The path that DuckDB took for a folder which it must not look into: what it does with a file that is not there and
// has no name in ".parquet".
std::optional<std::string> taken_for_a_folder(const char* answer);

Error missing_file(std::string_view path);

}  // namespace metl::engine

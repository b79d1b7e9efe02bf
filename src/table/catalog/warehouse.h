// Where a table of a name lies: the warehouse layout of Spark's file-based catalog.
#pragma once

#include <string>

namespace metl::table {

// How the name of a table's quarantine ends, and the table's own does not: it is a part of that table, which the
// catalog does not list.
inline constexpr const char* kQuarantineEnd = "__quarantine";

// "database.table" below a warehouse location: `<location>/<table>` for the database "default", else
// `<location>/<database>.db/<table>`. Throws Error{kConfiguration} for a name that is not two identifiers.
std::string table_location(const std::string& warehouse, const std::string& name);

// `<location>/<database>.db`, the location itself for "default".
std::string database_location(const std::string& warehouse, const std::string& database);

// Whether a folder has a Delta log, readable or not. Throws Error.
bool has_delta_log(const std::string& folder);

}  // namespace metl::table

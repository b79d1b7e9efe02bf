// A look at a Parquet footer before DuckDB gets it: its reader follows the schema by recursion, and compares every
// column's name with all others, so that a file of a few hundred kilobytes takes the process down or keeps it for
// hours.
//
// Only the schema's shape is read, without recursion. What is wrong with a file otherwise is left to DuckDB to say.
// Rejected: the crate `parquet` behind the bridge, which follows schemas by recursion too.
#pragma once

#include <duckdb.h>

#include <string>

namespace metl::engine {

// Throws Error for a local file whose footer claims more columns, levels or parts than any that is meant to
// be read has.
void require_sane_footer(const std::string& path);

// The same for a file in a store, which is read through the connection.
void require_sane_footer(duckdb_connection connection, const std::string& path);

}  // namespace metl::engine

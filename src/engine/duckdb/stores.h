// Object stores for DuckDB: its extensions, its secrets, its patience. Internal to engine/duckdb.
//
// The extensions lie beside libduckdb and are loaded from there by path, signed, for they must be of its very version;
// nothing is fetched at run time.
#pragma once

#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "storage/access.h"

namespace metl::engine {

// Throws Error{kConfiguration} when an extension is not there or a secret is not accepted.
void use_stores(Client& client, const StorageAccess& access);

// Reads the footers of many files at once into DuckDB's caches: a statement opens one file after the other, each with
// two requests' delay. Throws Error for one that claims what no footer does (footer_guard.h); failures of reading are
// left to the statement that needs the file.
void fetch_footers(Client& client, const std::vector<std::string>& paths);

}  // namespace metl::engine

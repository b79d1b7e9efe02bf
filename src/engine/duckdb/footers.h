// Statistics of Parquet files that another engine wrote, from their footers.
#pragma once

#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "engine/engine.h"

namespace metl::engine {

// Rows, size and statistics of every file, in the order given; `columns` are theirs. A bound that some row group lacks
// (NaN seen, only NULLs in a file with others, a time stored as INT96) is none of the file; so is its null count.
// Throws Error that names a file that cannot be read.
std::vector<DataFile> measure_parquet(Client& client, const std::vector<std::string>& paths, const Schema& columns);

}  // namespace metl::engine

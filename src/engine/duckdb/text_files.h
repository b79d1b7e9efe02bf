// CSV and JSON lines as Parquet, through DuckDB's readers. Every value is read as its text and cast here, so that
// nothing is rounded or cut without a word (DuckDB takes 1.7 for a bigint, and a time for a date).
#pragma once

#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "engine/engine.h"

namespace metl::engine {

// Engine::to_parquet: the paths that it wrote, one for each of `paths`, in their order.
std::vector<std::string> text_to_parquet(Client& client, const std::vector<std::string>& paths,
                                         const TextFormat& format, const Schema& columns, const WriteOptions& options);

}  // namespace metl::engine

// What the footers of Parquet files say: rows, and every column as it is named and stored.
#pragma once

#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "engine/engine.h"

namespace metl::engine {

// Engine::inspect.
std::vector<SourceFile> inspect_parquet(Client& client, const std::vector<std::string>& paths);

}  // namespace metl::engine

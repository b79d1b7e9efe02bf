// The transform of one day on DuckDB: dropped rows first, then the SELECT, part by part where it may.
#pragma once

#include <string>

#include "engine/duckdb/client.h"
#include "engine/duckdb/seen_bits.h"
#include "engine/engine.h"

namespace metl::engine {

// Engine::stage. `memory` is the limit of DuckDB's buffers in bytes: a part is cut so that sorting it stays below.
StageResult stage_day(Client& client, SeenBits& seen, const StageRequest& request, uint64_t memory,
                      const Progress& progress);

// The columns that `select` yields over `source`. Throws Error with DuckDB's message, Error{kConfiguration} unless
// it is one statement that only reads.
Schema describe_select(Client& client, const Schema& source_columns, const std::string& select);

// A SELECT that yields no rows of these columns.
std::string empty_select(const Schema& columns);

}  // namespace metl::engine

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

// "SELECT <wrapping> FROM (<select>)" with the view `source` defined as `source_sql`, and nothing of ours on the lines
// of `select`: DuckDB's "LINE n" in an error is the user's line.
std::string with_source(const std::string& source_sql, const std::string& columns, const std::string& select);

// A SELECT that yields no rows of these columns.
std::string empty_select(const Schema& columns);

}  // namespace metl::engine

// Which rows a dedupe drops, found without holding every key: bits, then candidates, then ranks (see seen_bits.h).
#pragma once

#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "engine/duckdb/day_scan.h"
#include "engine/duckdb/seen_bits.h"
#include "engine/engine.h"

namespace metl::engine {

// Fills the temporary table `metl_dropped(metl_file, metl_row)` with the rows of the sources that dedupe drops,
// metl_file counting the sources from 0 and metl_row the rows of a file from 0. Which row of a key stays does not
// depend on the order of files or threads: ties in `order` are broken by the other columns, in their order, and rows
// equal in all columns are interchangeable. Returns how many rows are dropped. `memory` bounds the bits, in bytes.
int64_t find_dropped_rows(Client& client, SeenBits& seen, const StageRequest& request, const DayScan& day,
                          uint64_t memory, const Client::OnProgress& progress);

// Engine::duplicate_keys.
int64_t count_duplicate_keys(Client& client, SeenBits& seen, const std::string& view,
                             const std::vector<std::string>& key, const std::string& condition, uint64_t memory);

}  // namespace metl::engine

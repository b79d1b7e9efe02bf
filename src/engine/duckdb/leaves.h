// The leaves of nested columns, and what is known of each one's values in a file that was written.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "engine/engine.h"

namespace metl::engine {

// A column that has bounds: of a plain type, neither inside a list nor inside a map.
struct Leaf {
  ColumnPath path;
  Type type;
  size_t ordinal = 0;  // among all leaves of a Parquet file of these columns, those of lists and maps counted too
};
std::vector<Leaf> leaves_of(const Schema& columns);

// "a"."b" with quotes doubled inside, as COPY's RETURN_STATS names a leaf.
ColumnPath parse_path(const std::string& quoted);

// Text bounds that DuckDB does not say because the values are longer than 256 bytes are asked of the files themselves.
void add_text_bounds(Client& client, const std::vector<Leaf>& leaves, std::vector<DataFile>& files);

}  // namespace metl::engine

// Rows that a person wrote, held against the columns that they are for. Whatever the file's format, they are checked as
// nodes of a document, so that each fault has its place.
#pragma once

#include <string>
#include <vector>

#include "base/type.h"
#include "base/yaml.h"
#include "engine/duckdb/duckdb_engine.h"

namespace metl::pipeline::tests {

struct TypedRows {
  std::string lines;                            // a JSON object a row, each value a text that casts to its type
  std::vector<std::vector<std::string>> named;  // of each row: the columns that it has, as the schema spells them
};

// Mappings of columns to values, from `file`; a row that has no line of its own there is named by its number. Throws
// Error{kConfiguration}, with a place, for an unknown column and for a value that is not of its column's type. `engine`
// judges what stands for a time or for bytes.
TypedRows typed_rows(engine::DuckdbEngine& engine, const std::string& file, const std::vector<yaml::Node>& rows,
                     const Schema& columns);

}  // namespace metl::pipeline::tests

// Rows of a test, whichever way they are written: as SQL for the embedded engine, and back as texts that can be
// compared and shown.
#pragma once

#include <string>
#include <vector>

#include "base/type.h"
#include "engine/duckdb/duckdb_engine.h"
#include "pipeline/tests/test_file.h"
#include "pipeline/tests/typed_rows.h"

namespace metl::pipeline::tests {

// Checked, so that only disk and memory can fail from here on.
struct RowSet {
  Schema columns;
  TypedRows typed;      // of rows in the test, of NDJSON and of CSV
  std::string parquet;  // SELECT of the rows of a Parquet file; "" for all else
};

// Throws Error{kConfiguration}, with a place, for a file that cannot be read, an unknown column and a value that is not
// of its column's type.
RowSet load_rows(engine::DuckdbEngine& engine, const std::string& test_file, const WrittenRows& rows);

// A SELECT of all columns; those that a row does not have are NULL. Writes a file into `folder`, for as long as the
// SELECT is used.
std::string select_of(const RowSet& rows, const std::string& folder);

// Each value as JSON, the same text for the same value: "1", "\"a\"", "null", "[{\"id\":1}]".
using Cells = std::vector<std::string>;
std::vector<Cells> cells_of(engine::DuckdbEngine& engine, const std::string& select, const Schema& columns);

// Rows of all these columns as a file of rows holds them, one JSON object a line.
std::string lines_of(const std::vector<Cells>& rows, const Schema& columns);

}  // namespace metl::pipeline::tests

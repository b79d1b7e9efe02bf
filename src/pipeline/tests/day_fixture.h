// A test out of real rows: some of a raw day, with other values in the place of sensitive ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/duckdb/duckdb_engine.h"
#include "pipeline/definition.h"

namespace metl::pipeline::tests {

struct DayChoice {
  Date day;
  int64_t rows = 0;
  std::string raw_location;                    // absolute local path, or in a store that is open
  std::vector<std::string> sensitive_columns;  // of the source
  std::string folder;                          // private, for what is needed meanwhile
};

// Writes a test and its file of given rows into the pipeline's `tests`, and returns the path of the test; its expected
// rows are for --update to write. The rows are chosen by what is in them, so the same day gives the same rows. A
// sensitive text or number becomes one that is the same for the same value; any other sensitive value NULL. Throws
// Error{kConfiguration} when one of its files is there already, for a pipeline with further inputs, and when a column
// of the target is sensitive and nobody can tell what it is made of; and what reading the day throws.
std::string write_day_test(engine::DuckdbEngine& engine, const Definition& pipeline, const DayChoice& choice);

}  // namespace metl::pipeline::tests

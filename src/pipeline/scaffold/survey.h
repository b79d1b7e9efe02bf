// What the files of one raw day tell of the pipeline that could read them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/duckdb/duckdb_engine.h"
#include "source/contents.h"

namespace metl::pipeline::scaffold {

struct Survey {
  source::Contents contents;
  int64_t rows = 0;
  std::vector<std::string> key = {};         // columns that together tell the rows of these files apart; none was found
  std::vector<std::string> never_null = {};  // columns
  std::vector<std::string> never_negative = {};  // of numbers
};

// A timestamp or date.
bool is_time(const Type& type);

// Reads the files, which are all of one format. Throws Error for what cannot be read.
Survey survey_files(engine::DuckdbEngine& engine, const std::vector<std::string>& paths);

}  // namespace metl::pipeline::scaffold

// Makes raw days of movie ratings to try the pipeline on: deterministic, plausible, with duplicates and, on request,
// faults.
//
// The content of a day is a function of (seed, day, rows and the other numbers of the request) alone: every value comes
// from integer arithmetic that is written out in the SQL (sql.h). Rejected: DuckDB's hash() and random(), whose values
// may change from one version to the next, and floating point functions, whose last digit may change with the machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/engine.h"

namespace metl::sample {

struct GenerateRequest {
  int64_t rows = 0;  // of each day, 1 to 1,000,000,000, duplicates and faults included
  std::vector<Date> days;
  uint64_t seed = 1;
  std::string output;            // local folder; a day goes to <output>/YYYY/MM/DD
  int files = 0;                 // of each day; 0: five, or more where a file would exceed 4,000,000 rows
  double duplicate_percent = 5;  // share of `rows` that repeats the (movie_id, user_id) of another row, 0 to 95
  int64_t bad_ratings = 0;       // rows whose rating is outside 0..5
  int64_t bad_languages = 0;     // rows whose language has not two letters
  int64_t null_timestamps = 0;   // rows without a timestamp
  int64_t negative_budgets = 0;  // rows with a budget below 0
};

struct GeneratedDay {
  Date day;
  std::string folder;
  int64_t rows = 0;
  int64_t duplicates = 0;  // rows that dedupe on (movie_id, user_id) drops
  int files = 0;
  uint64_t bytes = 0;
};

// Writes part-00000.snappy.parquet and so on for each day. A day appears complete or not at all. `engine` must speak
// DuckDB's SQL. `progress` runs from 0 to 100 once over all days. Throws Error{kUsage} for numbers that are out of
// range or do not fit together, and, before anything is written, for a day whose folder already holds something.
std::vector<GeneratedDay> generate(const GenerateRequest& request, engine::Engine& engine,
                                   const engine::Progress& progress);

}  // namespace metl::sample

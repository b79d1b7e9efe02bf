// The SELECT behind a generated day.
//
// A day of n rows is the numbers 0..n-1, shuffled. Numbers below `unique` are distinct (movie, user) pairs, the others
// repeat one of them. Everything else about a row is arithmetic on its number, so a file streams through in constant
// memory and any slice of the day can be made alone:
//   - shuffle: four rounds of a Feistel network over a rectangle of sides just above sqrt(n); what falls outside is
//   dropped;
//   - number -> slot of the deck, a list of 160,000 slots where a movie holds as many as it is popular;
//   - (slot, lap) -> user by an affine map modulo the number of users, which is why pairs are distinct.
#pragma once

#include <cstdint>
#include <string>

namespace metl::sample {

struct DayPlan {
  std::string day;  // "2021-01-01"
  uint64_t seed = 0;
  int64_t rows = 0;    // 1 to 1e9: the products below stay within 63 bits
  int64_t unique = 0;  // rows with a (movie_id, user_id) of their own, 1 to rows
  int64_t bad_ratings = 0;
  int64_t bad_languages = 0;
  int64_t null_timestamps = 0;
  int64_t negative_budgets = 0;  // all faults together below `unique`, or equal to it when there are no duplicates
};

// The rows of part `part` of `parts`, in DuckDB's SQL. Parts are about equally long.
std::string day_select(const DayPlan& plan, int part, int parts);

}  // namespace metl::sample

// The movies that every generated day is about: some 9,700, the same for every seed and day.
#pragma once

#include <cstdint>
#include <string>

namespace metl::sample {

inline constexpr int64_t kMovies = 9'700;

// How many slots of the deck the movie at `rank` (0: the most popular) holds: Zipf-like, shifted so that the first has
// 0.4 % of all ratings and the last third next to none.
int64_t popularity(int64_t rank);

// A number in 0..range-1 that looks random, from an integer SQL expression in 0..2^40 and a key in 0..2^31-1, as SQL.
// Two congruential steps modulo primes, dropping low bits in between; the argument occurs once, so that nested use
// stays short.
std::string hash_sql(const std::string& argument, int64_t key, int64_t range);

// SELECT of rank, slots, quality (-10..10, shifts the ratings), movie_id, original_title, original_language, budget,
// adult, genres: one row a movie, in DuckDB's SQL.
std::string movies_select();

}  // namespace metl::sample

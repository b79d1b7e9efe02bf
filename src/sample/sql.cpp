#include "sample/sql.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "base/text.h"
#include "sample/catalog.h"
#include "sql/names.h"

namespace metl::sample {
namespace {

constexpr int64_t kRatingsPerUser = 150;
constexpr int64_t kSecondsPerDay = 86'400;

int64_t deck_size() {
  int64_t size = 0;
  for (int64_t rank = 0; rank < kMovies; ++rank) size += popularity(rank);
  return size;
}

int64_t ceil_divide(int64_t number, int64_t divisor) { return (number + divisor - 1) / divisor; }

// A multiplier that permutes 0..n-1 modulo n and spreads neighbours far apart (golden section).
int64_t spreading_multiplier(int64_t n) {
  int64_t multiplier = n * 618 / 1000 + 1;
  while (std::gcd(multiplier, n) != 1) ++multiplier;
  return multiplier;
}

// Keys of a day's hashes: splitmix64 seeded by seed and date (FNV-1a).
class Keys {
 public:
  Keys(uint64_t seed, const std::string& day) : state_(0xcbf29ce484222325u) {
    for (const char c : day) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    state_ ^= seed * 0x9e3779b97f4a7c15u;
  }

  int64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return static_cast<int64_t>((z ^ (z >> 31)) >> 33);
  }

 private:
  uint64_t state_;
};

int64_t square_side(int64_t rows) {
  int64_t side = 1;
  while (side * side < rows) ++side;
  return side;
}

// Enough users for the most popular movie of a day of `unique` pairs.
int64_t user_count(int64_t unique) {
  return std::max(unique / kRatingsPerUser, popularity(0) * ceil_divide(unique, deck_size()));
}

}  // namespace

std::string day_select(const DayPlan& plan, int part, int parts) {
  const int64_t width = square_side(plan.rows);
  const int64_t height = ceil_divide(plan.rows, width);
  const int64_t slots = deck_size();
  const int64_t laps = ceil_divide(plan.unique, slots);
  const int64_t users = user_count(plan.unique);

  // Faults take the first numbers, kind after kind. Duplicates copy later numbers only, so that dedupe keeps every
  // fault.
  const int64_t ratings_end = plan.bad_ratings;
  const int64_t languages_end = ratings_end + plan.bad_languages;
  const int64_t timestamps_end = languages_end + plan.null_timestamps;
  const int64_t budgets_end = timestamps_end + plan.negative_budgets;
  const int64_t copied = std::max<int64_t>(1, plan.unique - budgets_end);

  Keys keys(plan.seed, plan.day);
  std::array<int64_t, 4> rounds{};
  for (int64_t& key : rounds) key = keys.next();
  const int64_t slot_shift = keys.next() % slots;
  const int64_t user_key = keys.next();
  const int64_t second_key = keys.next();
  const int64_t grade_key = keys.next();
  const int64_t late_key = keys.next();

  // A key of NULL drops the few numbers of the rectangle beyond `rows` in the join. A WHERE would be pushed down to
  // range() and repeat the four rounds, each several times, in its copy of the expression. Of ten duplicates, four tie
  // with their original on the timestamp and differ in rating, one repeats it entirely, five come at another time; the
  // tenth goes with the ninth's original, which makes a key of three rows with one timestamp.
  return fmt::format(
      R"(WITH movies AS MATERIALIZED ({movies}),
deck AS MATERIALIZED (
  SELECT * EXCLUDE (before), before + position AS slot
  FROM (SELECT *, {user_hash} AS user_shift, (sum(slots) OVER (ORDER BY rank) - slots)::BIGINT AS before,
          unnest(range(slots)) AS position
        FROM movies)),
round0 AS (SELECT range % {width} AS x, range // {width} AS y FROM range({begin}, {end})),
round1 AS (SELECT (x + {hash1}) % {width} AS x, y FROM round0),
round2 AS (SELECT x, (y + {hash2}) % {height} AS y FROM round1),
round3 AS (SELECT (x + {hash3}) % {width} AS x, y FROM round2),
round4 AS (SELECT x, (y + {hash4}) % {height} AS y FROM round3),
numbers AS (SELECT n, n - {unique} AS duplicate FROM (SELECT y * {width} + x AS n FROM round4)),
sources AS (
  SELECT n, duplicate,
    CASE WHEN duplicate < 0 THEN n
         ELSE {budgets_end} + (CASE WHEN duplicate % 10 = 9 THEN duplicate - 1 ELSE duplicate END)
                              % {copied} * {copied_step} % {copied}
    END AS source
  FROM numbers),
facts AS (
  SELECT n, duplicate, source,
    CASE WHEN n < {rows} THEN (source % {slots} * {slot_step} + {slot_shift}) % {slots} END AS slot,
    {second} AS second, {late} AS late, {grade} AS grade
  FROM sources),
rated AS (
  SELECT *,
    (CASE WHEN grade + quality < 1 THEN 0 WHEN grade + quality < 4 THEN 1 WHEN grade + quality < 6 THEN 2
          WHEN grade + quality < 13 THEN 3 WHEN grade + quality < 17 THEN 4 WHEN grade + quality < 39 THEN 5
          WHEN grade + quality < 48 THEN 6 WHEN grade + quality < 77 THEN 7 WHEN grade + quality < 84 THEN 8 ELSE 9 END
     + CASE WHEN duplicate < 0 OR duplicate % 10 = 3 THEN 0 ELSE 1 + duplicate % 9 END) % 10 AS half_stars_less_one
  FROM facts JOIN deck USING (slot))
SELECT movie_id,
  1 + ((position * {laps} + source // {slots}) * {user_step} + user_shift) % {users} AS user_id,
  (CASE WHEN n < {ratings_end} THEN [5.5, -1.0, 11.0][1 + n % 3] ELSE (half_stars_less_one + 1) / 2 END)::FLOAT AS rating,
  CASE WHEN n >= {languages_end} AND n < {timestamps_end} THEN NULL
       ELSE epoch({day}::DATE)::BIGINT
            + CASE WHEN duplicate < 0 OR duplicate % 10 IN (0, 3, 5, 8, 9) THEN second ELSE late END
  END AS timestamp,
  original_title,
  CASE WHEN n >= {ratings_end} AND n < {languages_end} THEN ['e', 'english', 'eng'][1 + n % 3]
       ELSE original_language END AS original_language,
  CASE WHEN n >= {timestamps_end} AND n < {budgets_end} THEN -1 - budget ELSE budget END AS budget,
  adult, genres
FROM rated)",
      fmt::arg("movies", movies_select()), fmt::arg("user_hash", hash_sql("rank", user_key, users)),
      fmt::arg("width", width), fmt::arg("height", height), fmt::arg("begin", width * height * part / parts),
      fmt::arg("end", width * height * (part + 1) / parts), fmt::arg("hash1", hash_sql("y", rounds[0], width)),
      fmt::arg("hash2", hash_sql("x", rounds[1], height)), fmt::arg("hash3", hash_sql("y", rounds[2], width)),
      fmt::arg("hash4", hash_sql("x", rounds[3], height)), fmt::arg("rows", plan.rows), fmt::arg("unique", plan.unique),
      fmt::arg("copied", copied), fmt::arg("copied_step", spreading_multiplier(copied)), fmt::arg("slots", slots),
      fmt::arg("slot_step", spreading_multiplier(slots)), fmt::arg("slot_shift", slot_shift), fmt::arg("laps", laps),
      fmt::arg("users", users), fmt::arg("user_step", spreading_multiplier(users)),
      fmt::arg("second", hash_sql("source", second_key, kSecondsPerDay)),
      fmt::arg("late", hash_sql("n", late_key, kSecondsPerDay)), fmt::arg("grade", hash_sql("source", grade_key, 100)),
      fmt::arg("day", sql::literal(plan.day)), fmt::arg("ratings_end", ratings_end),
      fmt::arg("languages_end", languages_end), fmt::arg("timestamps_end", timestamps_end),
      fmt::arg("budgets_end", budgets_end));
}

}  // namespace metl::sample

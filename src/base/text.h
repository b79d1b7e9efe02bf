// Text helpers that have nothing to do with movies, tables or checks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metl::text {

std::string to_lower(std::string_view text);  // ASCII only: identifiers, keywords
std::string_view trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

// Where a byte of a text stands, counted from 1; columns are bytes.
struct Position {
  int line = 1;
  int column = 1;
};
Position position_of(std::string_view text, size_t at);

// {"curated_live", "movie_ratings"} of "curated_live.movie_ratings". Empty unless it is database.table, each of ASCII
// letters, digits and '_': what Spark accepts unquoted, and what cannot leave a warehouse's folder ("..", "/").
std::optional<std::pair<std::string, std::string>> table_name_parts(std::string_view name);

// The candidate with the smallest edit distance to `word`, if near enough to be a likely typo (at most a third of the
// letters); empty otherwise.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// " Did you mean 'x'?" or "".
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

// "1.3 MB" (powers of 1000, as disks and Spark's UI count), "44,673".
std::string human_bytes(uint64_t bytes);
std::string human_count(int64_t count);

// Bytes of "512MB", "2 GiB", "1073741824"; -1 when it is no size. kB/MB/GB are powers of 1000, KiB/MiB/GiB of 1024.
int64_t parse_bytes(std::string_view text);

}  // namespace metl::text

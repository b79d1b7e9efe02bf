#include "table/bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/unicode.h"

namespace metl::table {
namespace {

constexpr size_t kBoundLetters = 32;  // Delta's own cut of string bounds
constexpr size_t kMostLetters = 64;

// Where the code point behind the first `letters` begins, and the length of `utf8` if it has no more.
size_t end_of_letters(const std::string& utf8, size_t letters) {
  size_t at = 0;
  for (size_t count = 0; at < utf8.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(utf8[at]) & 0xC0) != 0x80;
    if (starts && count++ == letters) break;
  }
  return at;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string> whole(std::string_view text) {
  return all_digits(text.substr(text.starts_with('-') ? 1 : 0)) ? std::optional(std::string(text)) : std::nullopt;
}

// ".5" and "-.5" too, as DuckDB writes decimals without digits before the point.
std::optional<std::string> decimal(std::string_view text) {
  const std::string_view sign = text.substr(0, text.starts_with('-') ? 1 : 0);
  const std::string_view number = text.substr(sign.size());
  const size_t point = std::min(number.find('.'), number.size());
  const std::string_view before = point == 0 ? "0" : number.substr(0, point);
  const std::string_view after = number.substr(std::min(point + 1, number.size()));
  if (!all_digits(before) || (point < number.size() && !all_digits(after))) return std::nullopt;
  return fmt::format("{}{}{}{}", sign, before, after.empty() ? "" : ".", after);
}

// A float as the double that it is: readers that compare doubles would find 0.1 below the float next to it. Zero as the
// one that holds for both, as they are told apart by some.
std::optional<std::string> real(const std::string& text, Type::Kind kind, Bound side) {
  // strtod, as it gives what is below the smallest normal number too, where stod throws.
  double number = kind == Type::Kind::kFloat ? std::strtof(text.c_str(), nullptr) : std::strtod(text.c_str(), nullptr);
  if (!std::isfinite(number)) return std::nullopt;
  if (number == 0) number = side == Bound::kLower ? -0.0 : 0.0;
  return nlohmann::json(number).dump();
}

template <typename Number>
std::optional<Number> number_of(std::string_view digits) {
  Number number{};
  if (!all_digits(digits) || std::from_chars(digits.data(), digits.data() + digits.size(), number).ec != std::errc{})
    return std::nullopt;
  return number;
}

// "YYYY-MM-DD" of the years 1 to 9999, alone.
std::optional<std::chrono::sys_days> day_of(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = number_of<int>(text.substr(0, 4));
  const auto month = number_of<unsigned>(text.substr(5, 2));
  const auto day = number_of<unsigned>(text.substr(8, 2));
  if (!year || !month || !day || *year == 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month), std::chrono::day(*day)};
  return date.ok() ? std::optional<std::chrono::sys_days>(date) : std::nullopt;
}

// "2021-01-01 10:00:00.123456", with "+00" behind it for a moment of UTC.
std::optional<std::string> time(std::string_view text, bool zoned, Bound side) {
  using std::chrono::microseconds, std::chrono::milliseconds;
  if (zoned) {
    if (!text.ends_with("+00")) return std::nullopt;
    text.remove_suffix(3);
  }
  const auto day = day_of(text.substr(0, 10));
  if (!day || text.size() < 19 || text[10] != ' ' || text[13] != ':' || text[16] != ':') return std::nullopt;
  const auto hours = number_of<int>(text.substr(11, 2));
  const auto minutes = number_of<int>(text.substr(14, 2));
  const auto seconds = number_of<int>(text.substr(17, 2));
  std::string fraction(text.size() > 20 ? text.substr(20) : "0");
  if (text.size() > 19 && text[19] != '.') return std::nullopt;
  fraction.resize(6, '0');
  const auto micros = number_of<int>(fraction);
  if (!hours || !minutes || !seconds || !micros) return std::nullopt;
  const std::chrono::sys_time<microseconds> exact = *day + std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
                                                    std::chrono::seconds(*seconds) + microseconds(*micros);
  const auto rounded =
      side == Bound::kLower ? std::chrono::floor<milliseconds>(exact) : std::chrono::ceil<milliseconds>(exact);
  const auto date = std::chrono::floor<std::chrono::days>(rounded);
  const std::chrono::year_month_day parts(date);
  if (static_cast<int>(parts.year()) > 9999) return std::nullopt;
  const std::chrono::hh_mm_ss clock(rounded - date);
  return fmt::format("\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}{}\"", static_cast<int>(parts.year()),
                     static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count(), zoned ? "Z" : "");
}

std::optional<std::string> string(const std::string& text, Bound side) {
  if (text::find_invalid_utf8(text) != std::string::npos) return std::nullopt;
  const auto cut = side == Bound::kLower ? lower_text(text) : upper_text(text);
  return cut ? std::optional(nlohmann::json(*cut).dump()) : std::nullopt;
}

}  // namespace

std::optional<std::string> json_bound(const std::string& text, const Type& type, Bound side) {
  switch (type.kind) {
    case Type::Kind::kBoolean:
      return text == "1" || text == "true" ? "true" : "false";
    case Type::Kind::kByte:
    case Type::Kind::kShort:
    case Type::Kind::kInt:
    case Type::Kind::kLong:
      return whole(text);
    case Type::Kind::kFloat:
    case Type::Kind::kDouble:
      return real(text, type.kind, side);
    case Type::Kind::kDecimal:
      return decimal(text);
    case Type::Kind::kString:
      return string(text, side);
    case Type::Kind::kDate:
      return day_of(text) ? std::optional("\"" + text + "\"") : std::nullopt;
    case Type::Kind::kTimestamp:
      return time(text, true, side);
    case Type::Kind::kTimestampNtz:
      return time(text, false, side);
    default:
      return std::nullopt;
  }
}

std::string lower_text(const std::string& utf8) { return utf8.substr(0, end_of_letters(utf8, kBoundLetters)); }

std::optional<std::string> upper_text(const std::string& utf8) {
  // The largest code point behind the prefix sorts after whatever was cut, unless that begins with it itself.
  constexpr const char* kLargest = "\xF4\x8F\xBF\xBF";
  for (size_t letters = kBoundLetters; letters <= kMostLetters; ++letters) {
    const size_t end = end_of_letters(utf8, letters);
    if (end == utf8.size()) return utf8;
    if (utf8.compare(end, 4, kLargest) != 0) return utf8.substr(0, end) + kLargest;
  }
  return std::nullopt;
}

}  // namespace metl::table

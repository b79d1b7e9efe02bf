#include "quality/timestamp.h"

#include <fmt/format.h>

#include <charconv>

namespace metl::quality {
namespace {

namespace chrono = std::chrono;

// Takes exactly `digits` digits off the front.
std::optional<int> take_digits(std::string_view& text, size_t digits) {
  int value = 0;
  if (text.size() < digits) return std::nullopt;
  const std::string_view head = text.substr(0, digits);
  const auto [end, failed] = std::from_chars(head.data(), head.data() + head.size(), value);
  if (failed != std::errc() || end != head.data() + head.size() || head[0] == '-' || head[0] == '+') {
    return std::nullopt;
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<chrono::microseconds> clock(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  chrono::microseconds out = chrono::hours(*hour) + chrono::minutes(*minute);
  if (!take(text, ":")) return out;
  const auto second = take_digits(text, 2);
  if (!second || *second > 60) return std::nullopt;
  out += chrono::seconds(*second);
  if (!take(text, ".,")) return out;
  int64_t unit = 100'000;
  bool any = false;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), unit /= 10) {
    out += chrono::microseconds((text[0] - '0') * unit);
    any = true;
  }
  return any ? std::optional(out) : std::nullopt;
}

std::optional<chrono::minutes> zone(std::string_view& text) {
  if (text.empty() || take(text, "Z")) return chrono::minutes(0);
  const bool west = text[0] == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || *hours > 18) return std::nullopt;
  take(text, ":");
  const auto minutes = text.empty() ? std::optional(0) : take_digits(text, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const chrono::minutes offset = chrono::hours(*hours) + chrono::minutes(*minutes);
  return west ? -offset : offset;
}

}  // namespace

std::optional<TimePoint> parse_timestamp(std::string_view text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const chrono::year_month_day date{chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                    chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  TimePoint out = chrono::sys_days(date);
  if (!take(text, "T ")) return text.empty() ? std::optional(out) : std::nullopt;
  const auto time = clock(text);
  if (!time) return std::nullopt;
  const auto offset = zone(text);
  if (!offset || !text.empty()) return std::nullopt;
  return out + *time - *offset;
}

std::optional<double> parse_duration(std::string_view text) {
  double seconds = 0;
  while (!text.empty()) {
    uint32_t count = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (failed != std::errc() || text.empty()) return std::nullopt;
    switch (text[0]) {
      case 'd':
        seconds += 86400.0 * count;
        break;
      case 'h':
        seconds += 3600.0 * count;
        break;
      case 'm':
        seconds += 60.0 * count;
        break;
      default:
        return std::nullopt;
    }
    text.remove_prefix(1);
  }
  return seconds;
}

std::string timestamp_text(TimePoint time) {
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(time - day);
  std::string out = fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (clock.subseconds().count() != 0) out += fmt::format(".{:06}", clock.subseconds().count());
  return out;
}

std::string duration_text(std::chrono::microseconds duration) {
  const bool negative = duration.count() < 0;
  if (negative) duration = -duration;
  const auto days = chrono::duration_cast<chrono::days>(duration);
  const chrono::hh_mm_ss clock(duration - days);
  std::string out = negative ? "-" : "";
  if (days.count() > 0) out += fmt::format("{} {}, ", days.count(), days.count() == 1 ? "day" : "days");
  out += fmt::format("{}:{:02}:{:02}", clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (clock.subseconds().count() != 0) out += fmt::format(".{:06}", clock.subseconds().count());
  return out;
}

}  // namespace metl::quality

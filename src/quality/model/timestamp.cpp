#include "quality/model/timestamp.h"

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

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "12", "12:30", "1230", "12:30:15,5" and so on, up to what a zone can begin with.
std::optional<chrono::microseconds> clock(std::string_view& text) {
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23) return std::nullopt;
  chrono::microseconds out = chrono::hours(*hour);
  const bool colons = !text.empty() && text[0] == ':';
  // Whether another part follows; with colons it must where there is one.
  const auto next = [&] { return colons ? take(text, ":") : !text.empty() && is_digit(text[0]); };
  if (!next()) return out;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  out += chrono::minutes(*minute);
  if (!next()) return out;
  const auto second = take_digits(text, 2);
  if (!second || *second > 60) return std::nullopt;
  out += chrono::seconds(*second);
  if (!take(text, ".,")) return out;
  int64_t unit = 100'000;
  bool any = false;
  for (; !text.empty() && is_digit(text[0]); text.remove_prefix(1), unit /= 10) {
    out += chrono::microseconds((text[0] - '0') * unit);
    any = true;
  }
  return any ? std::optional(out) : std::nullopt;
}

std::optional<chrono::microseconds> zone(std::string_view& text) {
  if (text.empty() || take(text, "Z")) return chrono::microseconds(0);
  const bool west = text[0] == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto offset = clock(text);
  if (!offset || *offset > chrono::hours(18) + chrono::minutes(59)) return std::nullopt;
  return west ? -*offset : *offset;
}

// "2024-W09-5", behind the year: the first week is that of the year's first Thursday, its days are 1 to 7.
std::optional<chrono::sys_days> day_of_week(std::string_view& text, int year) {
  const auto week = take_digits(text, 2);
  if (!week || *week < 1 || *week > 53) return std::nullopt;
  int day = 1;
  const bool dash = text.size() > 1 && text[0] == '-' && is_digit(text[1]);
  if (dash || (!text.empty() && is_digit(text[0]))) {
    if (dash) text.remove_prefix(1);
    day = text[0] - '0';
    if (day < 1 || day > 7) return std::nullopt;
    text.remove_prefix(1);
  }
  const auto first_thursday = [](int of) {
    const chrono::sys_days january = chrono::year(of) / chrono::January / 1;
    return january + (chrono::Thursday - chrono::weekday(january));
  };
  const auto thursday = first_thursday(year) + chrono::weeks(*week - 1);
  if (thursday >= chrono::sys_days(chrono::year(year + 1) / chrono::January / 1)) return std::nullopt;  // no week 53
  return thursday + chrono::days(day - 4);
}

std::optional<chrono::sys_days> date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || *year < 1) return std::nullopt;
  const bool dashes = take(text, "-");
  if (take(text, "W")) return day_of_week(text, *year);
  const auto month = take_digits(text, 2);
  if (!month || (dashes && !take(text, "-"))) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const chrono::year_month_day out{chrono::year(*year), chrono::month(static_cast<unsigned>(*month)),
                                   chrono::day(static_cast<unsigned>(*day))};
  return out.ok() ? std::optional(chrono::sys_days(out)) : std::nullopt;
}

}  // namespace

std::optional<TimePoint> parse_timestamp(std::string_view text) {
  const auto day = date(text);
  if (!day) return std::nullopt;
  TimePoint out = *day;
  if (text.empty()) return out;
  // Any sign stands between day and time, not only 'T' and a blank.
  if (is_digit(text[0])) return std::nullopt;
  text.remove_prefix(1);
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

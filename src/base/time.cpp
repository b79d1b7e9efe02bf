#include "base/time.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>

#include "base/error.h"
#include "base/text.h"

namespace metl {
namespace {

std::chrono::year_month_day parts(std::chrono::sys_days days) { return days; }

int digits(std::string_view text) {
  int value = -1;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failed == std::errc() && end == text.data() + text.size() && text[0] != '-' ? value : -1;
}

}  // namespace

Date Date::parse(std::string_view text) {
  using namespace std::chrono;
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const int y = digits(text.substr(0, 4));
    const int m = digits(text.substr(5, 2));
    const int d = digits(text.substr(8, 2));
    if (y >= 0 && m > 0 && d > 0) {
      const year_month_day day{year(y), month(static_cast<unsigned>(m)), std::chrono::day(static_cast<unsigned>(d))};
      if (day.ok()) return Date(sys_days(day));
      throw Error(Cause::kUsage, fmt::format("'{}' is not a day of the calendar", text), "Give a date as YYYY-MM-DD.");
    }
  }
  throw Error(Cause::kUsage, fmt::format("'{}' is not a date", text),
              "Give a date as YYYY-MM-DD, for example 2021-01-01.");
}

std::string Date::iso() const { return format("{yyyy}-{MM}-{dd}"); }

std::string Date::format(std::string_view pattern) const {
  const auto day = parts(days_);
  std::string out(pattern);
  out = text::replace_all(std::move(out), "{yyyy}", fmt::format("{:04}", static_cast<int>(day.year())));
  out = text::replace_all(std::move(out), "{MM}", fmt::format("{:02}", static_cast<unsigned>(day.month())));
  return text::replace_all(std::move(out), "{dd}", fmt::format("{:02}", static_cast<unsigned>(day.day())));
}

Date Date::next() const { return Date(days_ + std::chrono::days(1)); }

std::vector<Date> parse_days(std::string_view text) {
  const size_t dots = text.find("..");
  if (dots == std::string_view::npos) return {Date::parse(text)};
  const Date last = Date::parse(text.substr(dots + 2));
  std::vector<Date> days{Date::parse(text.substr(0, dots))};
  if (last < days.front()) {
    throw Error(Cause::kUsage, fmt::format("the range '{}' ends before it starts", text), "Give it as FIRST..LAST.");
  }
  while (days.back() < last) days.push_back(days.back().next());
  return days;
}

int64_t unix_millis(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

std::string iso_utc(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), millis);
}

std::string iso_utc(int64_t unix_millis) {
  return iso_utc(std::chrono::system_clock::time_point(std::chrono::milliseconds(unix_millis)));
}

}  // namespace metl

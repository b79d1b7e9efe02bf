#include "cli/flag_values.h"

#include "base/duration.h"

namespace metl::cli {

std::chrono::seconds duration(const std::string& text) {
  if (const auto parsed = parse_duration(text)) return *parsed;
  throw Error(Cause::kUsage, fmt::format("'{}' is not a duration", text), "Give one such as 90s, 30m, 2h or 1d.");
}

std::pair<std::string, std::string> name_and_value(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(Cause::kUsage, fmt::format("'{}' is not NAME=VALUE", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

namespace {

// "2021-01-01" of a word for a day; other texts stay as they are.
std::string in_digits(const std::string& word) {
  constexpr std::string_view kToday = "today";
  const std::string text = word == "yesterday" ? "today-1" : word;
  if (!text.starts_with(kToday)) return word;
  int back = 0;
  if (text != kToday) {
    if (text[kToday.size()] != '-') return word;
    constexpr int kMost = 36500;
    back = number<int>(text.substr(kToday.size() + 1), 0, kMost);
  }
  return Date::of(std::chrono::system_clock::now() - std::chrono::days(back)).iso();
}

}  // namespace

void store_days(Invocation& out, const std::string& text) {
  const size_t dots = text.find("..");
  const std::string meant = dots == std::string::npos
                                ? in_digits(text)
                                : in_digits(text.substr(0, dots)) + ".." + in_digits(text.substr(dots + 2));
  out.days = parse_days(meant);
  out.days_text = text;
  if (meant != text) out.days_meant = fmt::format("'{}' is {}: today is the day by UTC", text, meant);
}

Date parse_day(const std::string& text) {
  const auto days = parse_days(text);
  if (days.size() != 1) throw Error(Cause::kUsage, fmt::format("'{}' is more than one day", text));
  return days.front();
}

}  // namespace metl::cli

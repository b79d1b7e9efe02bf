#include "cli/flag_values.h"

namespace metl::cli {

std::chrono::seconds duration(const std::string& text) {
  int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string unit(end, text.data() + text.size());
  const int64_t seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : unit == "d" ? 86400 : 0;
  if (failed == std::errc() && value >= 0 && value < 1'000'000 && seconds > 0)
    return std::chrono::seconds(value * seconds);
  throw Error(Cause::kUsage, fmt::format("'{}' is no duration", text), "Give one such as 90s, 30m, 2h or 1d.");
}

std::pair<std::string, std::string> name_and_value(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
    throw Error(Cause::kUsage, fmt::format("'{}' is not NAME=VALUE", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Date parse_day(const std::string& text) {
  const auto days = parse_days(text);
  if (days.size() != 1) throw Error(Cause::kUsage, fmt::format("'{}' is more than one day", text));
  return days.front();
}

}  // namespace metl::cli

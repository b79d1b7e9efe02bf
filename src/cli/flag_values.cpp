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

Date parse_day(const std::string& text) {
  const auto days = parse_days(text);
  if (days.size() != 1) throw Error(Cause::kUsage, fmt::format("'{}' is more than one day", text));
  return days.front();
}

}  // namespace metl::cli

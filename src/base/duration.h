// Lengths of time as people write them.
#pragma once

#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

namespace metl {

// "90s", "30m", "2h", "1d": at most 999,999 of a unit. Empty for anything else.
inline std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  constexpr int64_t kMost = 1'000'000, kMinute = 60, kHour = 3600, kDay = 86'400;
  int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  const int64_t seconds = unit == "s" ? 1 : unit == "m" ? kMinute : unit == "h" ? kHour : unit == "d" ? kDay : 0;
  if (failed != std::errc() || value < 0 || value >= kMost || seconds == 0) return std::nullopt;
  return std::chrono::seconds(value * seconds);
}

}  // namespace metl

// Points in time as SQL and variables write them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace metl::quality {

using TimePoint = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

// "2024-01-02", "2024-01-02 03:04:05.678901", "2024-01-02T03", any sign between day and time, with "Z", "+02", "+0200"
// or "+02:00"; also without dashes and colons, and days of a week: "20240102T0304", "2024-W01-2". Without a zone it is
// UTC. Empty for anything else. A day alone is its start. (What Python's datetime.fromisoformat takes, Soda Core's.)
std::optional<TimePoint> parse_timestamp(std::string_view text);

// "1d2h30m" in seconds; empty when it is no duration.
std::optional<double> parse_duration(std::string_view text);

// "2024-01-02 03:04:05", with ".678901" unless that is zero. UTC.
std::string timestamp_text(TimePoint time);

// "1 day, 22:00:00", "-0:30:00".
std::string duration_text(std::chrono::microseconds duration);

}  // namespace metl::quality

// What a run is for: a day, or an hour of it where the raw files land by the hour. All of it is UTC.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/time.h"

namespace metl::source {

struct Interval {
  Date day;
  std::optional<int> hour = std::nullopt;  // 0..23

  // "2021-01-01" or "2021-01-01T07".
  std::string text() const { return hour ? fmt::format("{}T{:02}", day.iso(), *hour) : day.iso(); }

  std::chrono::system_clock::time_point start() const { return day.start() + std::chrono::hours(hour.value_or(0)); }

  // The one that many days, or hours, before.
  Interval before(int number) const {
    constexpr size_t kIsoDay = 10, kHourAt = 11;
    const std::string then = iso_utc(hour ? start() - std::chrono::hours(number) : start() - std::chrono::days(number));
    Interval out{Date::parse(then.substr(0, kIsoDay))};
    if (hour) out.hour = std::stoi(then.substr(kHourAt, 2));
    return out;
  }
};

}  // namespace metl::source

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
    using namespace std::chrono;
    const auto then = hour ? start() - hours(number) : start() - days(number);
    Interval out{Date::of(then)};
    if (hour) out.hour = static_cast<int>(duration_cast<hours>(then - out.day.start()).count());
    return out;
  }
};

}  // namespace metl::source

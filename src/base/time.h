// Calendar days (the execution date, the unit of work) and the wall clock.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace metl {

// A proleptic Gregorian day; always a real one.
class Date {
 public:
  // Exactly "YYYY-MM-DD". Throws Error{kUsage} for anything else, 2021-02-30 included.
  static Date parse(std::string_view text);
  static Date of(std::chrono::system_clock::time_point time) {  // by UTC
    return Date(std::chrono::floor<std::chrono::days>(time));
  }

  std::string iso() const;                             // "2021-01-01"
  std::string format(std::string_view pattern) const;  // {yyyy} {MM} {dd} replaced: "2021/01/01"
  Date next() const;
  std::chrono::system_clock::time_point start() const { return days_; }  // midnight, UTC
  auto operator<=>(const Date&) const = default;

 private:
  explicit Date(std::chrono::sys_days days) : days_(days) {}
  std::chrono::sys_days days_;
};

// "A..B" (both ends included, A <= B) or one day. Throws Error{kUsage}.
std::vector<Date> parse_days(std::string_view text);

// UTC, "2021-01-01T12:34:56.789Z".
std::string iso_utc(std::chrono::system_clock::time_point time);
std::string iso_utc(int64_t unix_millis);
int64_t unix_millis(std::chrono::system_clock::time_point time);

// Seconds since construction, monotonic.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace metl

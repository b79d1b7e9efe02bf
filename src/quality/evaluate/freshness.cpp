#include "quality/evaluate/freshness.h"

#include <fmt/format.h>

namespace metl::quality {

Freshness freshness_of(const Value& newest, const std::string& column, const AgeReference& reference,
                       const Zones& zones) {
  Freshness out;
  std::string written = to_text(newest);
  std::optional<TimePoint> time;
  if (!is_null(newest)) {
    time = parse_timestamp(written);
    if (!time) {
      out.error = fmt::format("the newest {} is '{}', which is not a time", column, written);
      return out;
    }
    const bool day = written.size() == std::string_view("2024-01-31").size();
    if (day) {
      *time += std::chrono::days(1) - std::chrono::microseconds(1);
      written = timestamp_text(*time);
    }
  }
  out.diagnostics = {{"max_column_timestamp", written},
                     {"max_column_timestamp_utc", time ? timestamp_text(*time) + "+00:00" : written},
                     {"now_variable_name", reference.variable},
                     {"now_timestamp", reference.written},
                     {"now_timestamp_utc", timestamp_text(*reference.time) + "+00:00"}};
  if (!time) {
    out.age = int64_t{0};
    out.outcome = Outcome::kFail;
    out.diagnostics.emplace_back("freshness", to_text(Value{}));
    return out;
  }
  const auto age = *reference.time - *time;
  out.diagnostics.emplace_back("freshness", duration_text(age));
  out.age = int64_t{std::chrono::floor<std::chrono::milliseconds>(age).count()};
  out.outcome = judge(zones, static_cast<double>(age.count()) / 1e6);
  return out;
}

}  // namespace metl::quality

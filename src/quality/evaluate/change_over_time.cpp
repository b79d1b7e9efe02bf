#include "quality/evaluate/change_over_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/time.h"

namespace metl::quality {
namespace {

namespace chrono = std::chrono;
using Baseline = ChangeOverTime::Baseline;

std::vector<double> numbers_of(const std::vector<HistoryRecord>& earlier) {
  std::vector<double> out;
  for (const auto& record : earlier) {
    if (const auto* number = std::get_if<double>(&record.value)) out.push_back(*number);
  }
  return out;
}

double baseline_of(Baseline baseline, const std::vector<double>& values) {
  if (baseline == Baseline::kMinimum) return *std::min_element(values.begin(), values.end());
  if (baseline == Baseline::kMaximum) return *std::max_element(values.begin(), values.end());
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// A difference of whole numbers is one.
Value difference_of(const Value& value, double baseline) {
  const auto* whole = std::get_if<int64_t>(&value);
  const bool exact = whole != nullptr && std::abs(static_cast<double>(*whole)) < 0x1p53 && std::abs(baseline) < 0x1p53;
  if (exact && baseline == std::floor(baseline)) return *whole - static_cast<int64_t>(baseline);
  return as_number(value).value_or(0) - baseline;
}

}  // namespace

std::string measurements_text(size_t there, size_t needed) {
  return fmt::format("{} of {} earlier measurements", there, needed);
}

Compared compare_change(const ChangeOverTime& change, const Value& value, const std::vector<HistoryRecord>& earlier,
                        DataTime data_time, const Zones& zones) {
  Compared out;
  std::vector<double> values;
  if (change.baseline == Baseline::kSameDayLastWeek) {
    const auto day = chrono::floor<chrono::days>(data_time) - chrono::days(7);
    std::vector<HistoryRecord> that_day = earlier;
    std::erase_if(that_day, [&](const auto& record) { return chrono::floor<chrono::days>(record.data_time) != day; });
    values = numbers_of(that_day);
    if (values.empty()) {
      out.warming_up = "no measurement of the same day last week, " + iso_utc(day).substr(0, 10);
      return out;
    }
    values = {values.back()};
  } else {
    values = numbers_of(earlier);
    const auto needed = static_cast<size_t>(change.last);
    if (values.size() < needed) {
      out.warming_up = measurements_text(values.size(), needed);
      return out;
    }
    values.erase(values.begin(), values.end() - change.last);
  }
  const double baseline =
      baseline_of(change.baseline == Baseline::kSameDayLastWeek ? Baseline::kMinimum : change.baseline, values);
  const Value difference = difference_of(value, baseline);
  const double moved = as_number(difference).value_or(0);
  out.diagnostics = {{"historic_value", to_text(Value(baseline))}, {"metric_value", to_text(value)}};
  if (!change.percent) {
    out.value = difference;
  } else if (baseline != 0) {
    out.value = moved / std::abs(baseline) * 100;
  } else if (moved == 0) {
    out.value = 0.0;
  } else {
    out.error = "the earlier value is 0, of which there is no percentage";
    return out;
  }
  out.outcome = judge(zones, out.value);
  return out;
}

}  // namespace metl::quality

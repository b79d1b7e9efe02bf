#include "quality/evaluate/change_over_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/time.h"

namespace metl::quality {
namespace {

namespace chrono = std::chrono;
using Baseline = ChangeOverTime::Baseline;

__extension__ using Wide = __int128;  // sums and differences of a thousand whole numbers of 64 bits

std::vector<Value> numbers_of(const std::vector<HistoryRecord>& earlier) {
  std::vector<Value> out;
  for (const auto& record : earlier) {
    if (const auto number = number_of(record.value)) out.push_back(*number);
  }
  return out;
}

// The number exactly; empty for a fraction, and for a real number that may stand for several whole ones.
std::optional<Wide> whole_of(const Value& value) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return *whole;
  const double number = as_number(value).value_or(0);
  const bool exact = std::abs(number) < 0x1p53 && number == std::floor(number);
  return exact ? std::optional<Wide>(static_cast<int64_t>(number)) : std::nullopt;
}

bool is_less(const Value& a, const Value& b) {
  const auto left = whole_of(a);
  const auto right = whole_of(b);
  return left && right ? *left < *right : as_number(a).value_or(0) < as_number(b).value_or(0);
}

// What a value is compared with: sum / count.
struct Expected {
  double sum = 0;
  std::optional<Wide> exact_sum;  // where all numbers behind it are whole
  int64_t count = 1;

  double number() const { return sum / static_cast<double>(count); }
  Value value() const {
    const bool is_whole = exact_sum && *exact_sum % count == 0;
    return is_whole ? Value(static_cast<int64_t>(*exact_sum / count)) : Value(number());
  }
};

Expected sum_of(const std::vector<Value>& values) {
  Expected out{0, Wide{0}, static_cast<int64_t>(values.size())};
  for (const auto& value : values) {
    const auto whole = whole_of(value);
    out.sum += as_number(value).value_or(0);
    out.exact_sum = whole && out.exact_sum ? std::optional(*out.exact_sum + *whole) : std::nullopt;
  }
  return out;
}

Expected baseline_of(Baseline baseline, const std::vector<Value>& values) {
  if (baseline == Baseline::kAverage) return sum_of(values);
  return sum_of({baseline == Baseline::kMaximum ? *std::max_element(values.begin(), values.end(), is_less)
                                                : *std::min_element(values.begin(), values.end(), is_less)});
}

// A value's difference from the baseline, without a detour through real numbers as long as all are whole.
struct Change {
  Value value;         // a whole number where the value is one and so is the difference
  double percent = 0;  // of the baseline's size, which is not 0
};

Change change_of(const Value& value, const Expected& baseline) {
  const auto whole = whole_of(value);
  if (!whole || !baseline.exact_sum) {
    const double moved = as_number(value).value_or(0) - baseline.number();
    return {moved, moved / std::abs(baseline.number()) * 100};
  }
  const Wide moved = *whole * baseline.count - *baseline.exact_sum;  // times `count`
  const auto real = static_cast<double>(moved);
  Change out{real / static_cast<double>(baseline.count),
             real / std::abs(static_cast<double>(*baseline.exact_sum)) * 100};
  const Wide difference = moved / baseline.count;
  const bool fits = difference >= std::numeric_limits<int64_t>::min() &&
                    difference <= std::numeric_limits<int64_t>::max() && moved % baseline.count == 0;
  if (fits && std::holds_alternative<int64_t>(value)) out.value = static_cast<int64_t>(difference);
  return out;
}

}  // namespace

std::string measurements_text(size_t there, size_t needed) {
  return fmt::format("{} of {} earlier measurements", there, needed);
}

Compared compare_change(const ChangeOverTime& change, const Value& value, const std::vector<HistoryRecord>& earlier,
                        DataTime data_time, const Zones& zones) {
  Compared out;
  std::vector<Value> values;
  if (change.baseline == Baseline::kSameDayLastWeek) {
    const auto day = chrono::floor<chrono::days>(data_time) - chrono::days(7);
    std::vector<HistoryRecord> that_day = earlier;
    std::erase_if(that_day, [&](const auto& record) { return chrono::floor<chrono::days>(record.data_time) != day; });
    values = numbers_of(that_day);
    if (values.empty()) {
      out.warming_up = "no measurement of the same day last week, " + Date::of(day).iso();
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
  const bool one_day = change.baseline == Baseline::kSameDayLastWeek;
  const Expected baseline = baseline_of(one_day ? Baseline::kMinimum : change.baseline, values);
  const Change moved = change_of(value, baseline);
  out.diagnostics = {{"historic_value", to_text(baseline.value())}, {"metric_value", to_text(value)}};
  if (!change.percent) {
    out.value = moved.value;
  } else if (baseline.sum != 0) {
    out.value = moved.percent;
  } else if (as_number(moved.value) == 0) {
    out.value = 0.0;
  } else {
    out.error = "the earlier value is 0, of which there is no percentage";
    return out;
  }
  out.outcome = judge(zones, out.value);
  return out;
}

}  // namespace metl::quality

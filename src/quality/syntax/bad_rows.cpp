#include "quality/syntax/bad_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace metl::quality {
namespace {

constexpr int64_t kMillion = 1'000'000;
constexpr size_t kDigits = 6;  // behind the point

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "0.25%" -> 250'000; empty for what is no share from 0 to 100 percent.
std::optional<int64_t> millionths_of(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text = text::trim(text.substr(0, text.size() - 1));
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point < text.size() ? text.substr(point + 1) : std::string_view();
  const bool fits =
      !whole.empty() && whole.size() <= 3 && fraction.size() <= kDigits && (point == text.size() || !fraction.empty());
  if (!fits || !std::all_of(whole.begin(), whole.end(), is_digit) ||
      !std::all_of(fraction.begin(), fraction.end(), is_digit))
    return std::nullopt;
  int64_t out = 0;
  for (const char c : whole) out = out * 10 + (c - '0');
  for (size_t i = 0; i < kDigits; ++i) out = out * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  return out > 100 * kMillion ? std::nullopt : std::optional(out);
}

}  // namespace

OnBadRows read_on_bad_rows(const yaml::Node& value, const std::string& file) {
  OnBadRows out;
  out.at = location_of(file, value);
  bool has_action = false;
  if (!value.is_map())
    throw Problem{out.at, "'on_bad_rows' is a mapping, as in 'on_bad_rows: {action: quarantine, max: 1%}'"};
  for (const auto& entry : value) {
    const std::string key = entry.first.is_scalar() ? entry.first.text() : "";
    if (key == "action") {
      const Text action = text_of(file, entry.second, key);
      if (action.text != "quarantine")
        throw Problem{action.at, fmt::format("'{}' is no action for bad rows; there is one: quarantine", action.text)};
      has_action = true;
    } else if (key == "max") {
      const Text most = text_of(file, entry.second, key);
      const auto millionths = millionths_of(text::trim(most.text));
      if (!millionths) {
        throw Problem{most.at, fmt::format("'max: {}' is no share of the rows; write one from 0% to 100%, as in "
                                           "'max: 1%' or 'max: 0.25%'",
                                           most.text)};
      }
      out.most_millionths = *millionths;
      out.most = std::string(text::trim(most.text));
    } else {
      throw Problem{location_of(file, entry.first),
                    fmt::format("'{}' is no setting of on_bad_rows.{}", key,
                                text::did_you_mean(key, std::vector<std::string>{"action", "max"}))};
    }
  }
  if (!has_action || out.most.empty()) {
    throw Problem{out.at,
                  "'on_bad_rows' needs 'action: quarantine', and 'max': the share of the rows, such as 1%, above which "
                  "the run fails and nothing is set aside"};
  }
  return out;
}

void require_judges_rows(const Check& check) {
  constexpr std::array<std::string_view, 4> kMetrics{"missing_count", "missing_percent", "invalid_count",
                                                     "invalid_percent"};
  bool judges = std::holds_alternative<ReferenceLine>(check.body);
  if (const auto* metric = std::get_if<MetricBody>(&check.body)) {
    judges = std::find(kMetrics.begin(), kMetrics.end(), metric->line.metric.name) != kMetrics.end() &&
             metric->line.history == AgainstHistory::kNo && !metric->user_metric;
  } else if (const auto* rows = std::get_if<FailedRowsBody>(&check.body)) {
    judges = rows->condition.has_value();
  }
  if (judges) return;
  throw Problem{check.on_bad_rows->at,
                fmt::format("'on_bad_rows' cannot stand under \"{}\": this check does not say of each row whether it "
                            "is bad. Missing and invalid values, 'failed rows' with a 'fail condition', and "
                            "references do",
                            check.line)};
}

}  // namespace metl::quality

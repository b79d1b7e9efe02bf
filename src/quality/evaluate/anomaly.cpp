#include "quality/evaluate/anomaly.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>

namespace metl::quality {
namespace {

namespace chrono = std::chrono;

constexpr int64_t kSeason = 7;             // days
constexpr size_t kLeastOfWeekday = 4;      // measurements behind a weekday's median
constexpr double kCutOff = 5;              // spreads from the expected value
constexpr double kMadToSigma = 1.4826;     // of normal noise
constexpr double kMeanToSigma = 1.253314;  // sqrt(pi / 2)

struct Point {
  int64_t day;  // since 1970
  double value;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

int64_t day_of(DataTime time) { return chrono::floor<chrono::days>(time).time_since_epoch().count(); }
int64_t weekday_of(int64_t day) { return ((day % kSeason) + kSeason) % kSeason; }

// The last measurement of each of the newest days before `today`, oldest first.
std::vector<Point> daily(const std::vector<HistoryRecord>& earlier, int64_t today, size_t window) {
  std::vector<Point> out;
  for (const auto& record : earlier) {
    const auto measured = number_of(record.value);
    const int64_t day = day_of(record.data_time);
    if (!measured || day == today) continue;
    if (!out.empty() && out.back().day == day) out.pop_back();
    out.push_back({day, as_number(*measured).value_or(0)});
  }
  if (out.size() > window) out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(window));
  return out;
}

// Change a day: the median over pairs of points whole weeks apart.
double slope_of(const std::vector<Point>& points) {
  std::vector<double> slopes;
  for (size_t i = 0; i < points.size(); ++i) {
    for (size_t j = i + 1; j < points.size(); ++j) {
      const int64_t days = points[j].day - points[i].day;
      if (days % kSeason == 0) slopes.push_back((points[j].value - points[i].value) / static_cast<double>(days));
    }
  }
  return slopes.empty() ? 0 : median(std::move(slopes));
}

// Makes up for a MAD of n values being too small (Croux & Rousseeuw 1992).
double small_sample(size_t n) {
  constexpr std::array<double, 10> kFactors{1, 1, 1.196, 1.495, 1.363, 1.206, 1.200, 1.140, 1.129, 1.107};
  return n < kFactors.size() ? kFactors.at(n) : static_cast<double>(n) / (static_cast<double>(n) - 0.8);
}

double spread_of(std::vector<double> residuals) {
  for (double& residual : residuals) residual = std::abs(residual);
  double sum = 0;
  for (const double residual : residuals) sum += residual;
  const double mean = sum / static_cast<double>(residuals.size());
  const double mad = median(std::move(residuals));
  return mad > 0 ? kMadToSigma * mad : kMeanToSigma * mean;
}

struct Expectation {
  double value;
  double distance;  // to the ends of the expected range
};

Expectation expect(std::vector<Point> points, int64_t today) {
  const auto same_weekday = std::count_if(points.begin(), points.end(),
                                          [&](const auto& p) { return weekday_of(p.day) == weekday_of(today); });
  const bool seasonal = static_cast<size_t>(same_weekday) >= kLeastOfWeekday;
  const double slope = seasonal ? slope_of(points) : 0;
  std::map<int64_t, std::vector<double>> levels;  // by weekday; of all days where there is no season
  for (const auto& point : points) {
    const double since = static_cast<double>(point.day - today);
    levels[seasonal ? weekday_of(point.day) : 0].push_back(point.value - slope * since);
  }
  std::vector<double> residuals;
  for (const auto& [weekday, values] : levels) {
    if (seasonal && values.size() < kLeastOfWeekday) continue;  // too close to its own median
    const double middle = median(values);
    for (const double value : values) residuals.push_back(value - middle);
  }
  const auto& behind = levels[seasonal ? weekday_of(today) : 0];
  const double uncertainty = std::sqrt(1 + std::numbers::pi / (2 * static_cast<double>(behind.size())));
  double distance = kCutOff * small_sample(behind.size()) * uncertainty * spread_of(residuals);
  if (!seasonal) {  // what has been there before may be the weekend
    double largest = 0;
    for (const double residual : residuals) largest = std::max(largest, std::abs(residual));
    distance += largest;
  }
  return {median(behind), distance};
}

std::string short_number(double number) {
  return std::abs(number) < 1e6 ? fmt::format("{:.6g}", number) : fmt::format("{:.0f}", number);
}

}  // namespace

Compared compare_anomaly(const AnomalySettings& settings, const Value& value, const std::vector<HistoryRecord>& earlier,
                         DataTime data_time) {
  Compared out;
  out.value = value;
  const int64_t today = day_of(data_time);
  const auto points = daily(earlier, today, static_cast<size_t>(settings.window_length));
  if (points.size() < kLeastMeasurements) {
    out.warming_up = measurements_text(points.size(), kLeastMeasurements);
    return out;
  }
  auto [expected, distance] = expect(points, today);
  distance = std::max(distance, std::abs(expected) * settings.min_confidence_interval_ratio);
  const double number = as_number(value).value_or(0);
  const double low = expected - distance;
  const double high = expected + distance;
  const double margin = settings.warning_ratio * (high - low);
  const bool tolerable = number >= low - margin && number <= high + margin;
  out.outcome = number >= low && number <= high   ? Outcome::kPass
                : tolerable || settings.warn_only ? Outcome::kWarn
                                                  : Outcome::kFail;
  out.threshold = fmt::format("expected {} to {}", short_number(low), short_number(high));
  out.diagnostics = {{"expected_value", short_number(expected)},
                     {"expected_range", fmt::format("[{}, {}]", short_number(low), short_number(high))},
                     {"earlier_measurements", std::to_string(points.size())}};
  // 1 is the end of the range. Where the range is a point, there is no measure of being off.
  if (distance > 0) out.diagnostics.emplace_back("anomaly_score", short_number(std::abs(number - expected) / distance));
  return out;
}

}  // namespace metl::quality

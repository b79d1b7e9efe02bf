#include "quality/evaluate/anomaly.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace metl::quality {
namespace {

using std::chrono::days;

const DataTime kDay0 = std::chrono::sys_days(std::chrono::year(2021) / 1 / 1);

std::vector<HistoryRecord> records_of(const std::vector<double>& values) {
  std::vector<HistoryRecord> out;
  for (size_t i = 0; i < values.size(); ++i) out.push_back({"{}", kDay0 + days(static_cast<int>(i)), values[i]});
  return out;
}

// A table that grows by `growth` rows a day, with half the rows on two days of the week.
class Series {
 public:
  explicit Series(unsigned seed, double growth = 5) : random_(seed), growth_(growth) {}
  double next() {
    const int day = day_++;
    const double level = (day % 7 < 5 ? 10'000 : 5'000) + growth_ * day;
    return std::round(level + noise_(random_));
  }
  std::vector<double> next(int count) {
    std::vector<double> out;
    for (int i = 0; i < count; ++i) out.push_back(next());
    return out;
  }

 private:
  std::mt19937 random_;
  std::normal_distribution<double> noise_{0, 100};
  double growth_;
  int day_ = 0;
};

Compared judge_next(const std::vector<double>& values, double value, const AnomalySettings& settings = {}) {
  return compare_anomaly(settings, value, records_of(values), kDay0 + days(static_cast<int>(values.size())));
}

std::string diagnostic(const Compared& result, const std::string& key) {
  for (const auto& [name, text] : result.diagnostics) {
    if (name == key) return text;
  }
  return "";
}

TEST(Anomaly, ASpikeInASeasonalSeriesIsFoundAndACleanOneIsNot) {
  int alarms = 0;
  int days_judged = 0;
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Series series(seed);
    std::vector<double> values = series.next(28);
    for (int day = 28; day < 120; ++day) {
      const double value = series.next();
      alarms += judge_next(values, value).outcome == Outcome::kPass ? 0 : 1;
      ++days_judged;
      // On a weekend the number of a working day is a spike, and the other way round.
      const double other = day % 7 < 5 ? value - 5000 : value + 5000;
      EXPECT_EQ(judge_next(values, other).outcome, Outcome::kFail) << "seed " << seed << " day " << day;
      EXPECT_EQ(judge_next(values, 0).outcome, Outcome::kFail);
      values.push_back(value);
    }
  }
  EXPECT_LT(alarms, days_judged / 200) << "false alarms in " << days_judged << " clean days";
}

TEST(Anomaly, EarlierSpikesDoNotHideALaterOne) {
  Series series(7);
  std::vector<double> values = series.next(70);
  for (size_t i = 3; i < values.size(); i += 9) values[i] *= 4;
  const double clean = series.next();
  EXPECT_EQ(judge_next(values, clean).outcome, Outcome::kPass);
  EXPECT_EQ(judge_next(values, clean * 1.3).outcome, Outcome::kFail);
}

TEST(Anomaly, ANewLevelIsLearnedOnceHalfOfTheWindowHasIt) {
  std::vector<double> values(60, 100);
  for (size_t i = 0; i < values.size(); ++i) values[i] += static_cast<double>(i % 3);
  EXPECT_EQ(judge_next(values, 200).outcome, Outcome::kFail);
  for (int i = 0; i < 60; ++i) values.push_back(200 + i % 3);
  EXPECT_EQ(judge_next(values, 201, {.window_length = 28}).outcome, Outcome::kPass);
}

TEST(Anomaly, BelowAWeekItWarmsUpAndThenItIsCareful) {
  const Compared waiting = judge_next({100, 101, 99, 100, 100, 101}, 100);
  EXPECT_EQ(waiting.outcome, Outcome::kNotEvaluated);
  EXPECT_EQ(waiting.warming_up, "6 of 7 earlier measurements");
  EXPECT_EQ(std::get<double>(waiting.value), 100);
  // The second weekend is as the first one was, though weekends are not known yet.
  EXPECT_EQ(judge_next({100, 101, 99, 100, 100, 50, 51, 101, 100, 99, 100, 101}, 50).outcome, Outcome::kPass);
  EXPECT_EQ(judge_next({100, 101, 99, 100, 100, 101, 100}, 100.5).outcome, Outcome::kPass);
  EXPECT_EQ(judge_next({100, 101, 99, 100, 100, 101, 100}, 200).outcome, Outcome::kFail);
}

TEST(Anomaly, TheRangeAndItsLevelsAreExact) {
  const std::vector<double> same(28, 1000);
  // No spread at all: the range is the least one, 0.1 % of 1000 to both sides; a tenth of its width more only warns.
  const auto outcome = [&](double value) { return judge_next(same, value).outcome; };
  EXPECT_EQ(outcome(1001), Outcome::kPass);
  EXPECT_EQ(outcome(999), Outcome::kPass);
  EXPECT_EQ(outcome(1001.1), Outcome::kWarn);
  EXPECT_EQ(outcome(1001.2), Outcome::kWarn);
  EXPECT_EQ(outcome(998.8), Outcome::kWarn);
  EXPECT_EQ(outcome(1001.3), Outcome::kFail);
  EXPECT_EQ(outcome(998.7), Outcome::kFail);
  const Compared result = judge_next(same, 1001.1);
  EXPECT_EQ(result.threshold, "expected 999 to 1001");
  EXPECT_EQ(diagnostic(result, "expected_value"), "1000");
  EXPECT_EQ(diagnostic(result, "expected_range"), "[999, 1001]");
  EXPECT_EQ(diagnostic(result, "earlier_measurements"), "28");
  EXPECT_EQ(diagnostic(result, "anomaly_score"), "1.1");

  AnomalySettings settings;
  settings.warn_only = true;
  EXPECT_EQ(judge_next(same, 9999, settings).outcome, Outcome::kWarn);
  settings = {.warning_ratio = 0, .min_confidence_interval_ratio = 0.5};
  EXPECT_EQ(judge_next(same, 1500, settings).outcome, Outcome::kPass);
  EXPECT_EQ(judge_next(same, 1500.1, settings).outcome, Outcome::kFail);

  // By hand: |residuals| of 0..7 about 3.5 have the median 2 and the largest 3.5, n is 8.
  const Compared spread = judge_next({0, 1, 2, 3, 4, 5, 6, 7}, 3.5);
  const double distance = 3.5 + 5 * 1.129 * std::sqrt(1 + M_PI / 16) * 1.4826 * 2;
  EXPECT_EQ(diagnostic(spread, "expected_range"), fmt::format("[{:.6g}, {:.6g}]", 3.5 - distance, 3.5 + distance));
}

TEST(Anomaly, ACountThatIsMostlyZeroMayBeSmall) {
  std::vector<double> values(40, 0);
  for (const size_t i : {3, 8, 15, 21, 30, 33}) values[i] = 2;
  EXPECT_EQ(judge_next(values, 1).outcome, Outcome::kPass);
  EXPECT_EQ(judge_next(values, 50).outcome, Outcome::kFail);
  EXPECT_EQ(judge_next(std::vector<double>(40, 0), 0).outcome, Outcome::kPass);
  EXPECT_EQ(judge_next(std::vector<double>(40, 0), 1).outcome, Outcome::kFail) << "it never was anything but 0";
}

TEST(Anomaly, OfEachDayTheLastMeasurementCounts) {
  std::vector<HistoryRecord> records;
  for (int day = 0; day < 7; ++day) {
    records.push_back({"{}", kDay0 + days(day), 5.0});
    records.push_back({"{}", kDay0 + days(day) + std::chrono::hours(9), 100.0});
  }
  const DataTime today = kDay0 + days(7);
  records.push_back({"{}", today, 5.0});
  EXPECT_EQ(compare_anomaly({}, int64_t{100}, records, today + std::chrono::hours(12)).outcome, Outcome::kPass);
  records.pop_back();
  records.pop_back();
  EXPECT_EQ(diagnostic(compare_anomaly({}, int64_t{100}, records, today), "earlier_measurements"), "7");
}

}  // namespace
}  // namespace metl::quality

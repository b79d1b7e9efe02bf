// Whole scans that compare with earlier ones.
#include <random>

#include "history_fixture.h"

namespace metl::quality::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

TEST_F(HistoryTest, TheFirstScanWarmsUpVisiblyAndBlocksNothing) {
  const ScanResult first = scan_day(0, 10, "  - row_count > 0\n  - change for row_count < 5");
  EXPECT_EQ(outcome_line(first), "pass 10, warming up");
  EXPECT_EQ(errors_of(first), "");
  EXPECT_EQ(notices(first),
            "checks.yaml:3:5: \"change for row_count < 5\" is warming up: 0 of 1 earlier measurements\n");
  EXPECT_EQ(first.count(Outcome::kNotEvaluated), 1);
  EXPECT_EQ(first.warming_up(), 1) << "all that was not evaluated waits";
  EXPECT_EQ(first.soda_exit_code(), 0);
  EXPECT_NE(render_text(first, false).find("  warming up  change for row_count < 5   checks.yaml:3:5\n"),
            std::string::npos)
      << render_text(first, false);
  EXPECT_TRUE(render_text(first, false).ends_with("\n2 checks: 1 passed, 1 warming up\n"));
  EXPECT_EQ(to_json(first)["checks"][1]["warming_up"], true);

  const ScanResult second =
      scan_day(1, 14, "  - change for row_count < 5\n  - change for row_count < 4\n  - avg(n) < 0");
  EXPECT_EQ(outcome_line(second), "pass 4, fail 4, fail 6.5");
  EXPECT_EQ(second.warming_up(), 0);
  EXPECT_EQ(diagnostics(second.checks[0]), "check_value 4; historic_value 10; metric_value 14");
  EXPECT_NE(render_text(second, false).find("change of row_count = 4, must be < 4"), std::string::npos);
  EXPECT_EQ(second.checks[1].failing_rows, "");

  // A check that cannot be evaluated is nothing that waits.
  const ScanResult broken =
      scan_day(2, 1, "  - change for avg(nope) < 5\n  - change for avg(n) < 5:\n      filter: n > 5");
  EXPECT_EQ(broken.count(Outcome::kNotEvaluated), 2);
  EXPECT_EQ(broken.warming_up(), 0);
  EXPECT_EQ(broken.errors.size(), 2U);
  EXPECT_TRUE(broken.records.empty()) << "NULL is not a measurement";
}

TEST_F(HistoryTest, TheExampleOfTheDocumentation) {
  const std::string checks = R"(checks for ratings:
  - change percent for row_count between -20 and 50
  - change avg last 7 for missing_count(title) < 100
  - anomaly detection for row_count
  - schema:
      fail:
        when schema changes: [column delete, column type change]
  - group evolution:
      name: countries
      query: select distinct country from ratings order by 1
      warn:
        when groups change: any
)";
  const auto scan_rows = [&](int day, int rows) {
    db_.query(
        "create or replace table ratings as select case when range > 9 then 'x' end as title, case when range < 5 "
        "then 'BE' when range > 2000 then 'FR' else 'NL' end as country" +
        std::string(day < 9 ? ", 1 as year" : "") + " from range(" + std::to_string(rows) + ")");
    return scan_on(day, checks);
  };
  int day = 0;
  for (const int rows : {1010, 1003, 995, 1008, 640, 655, 1001, 1010, 1003}) scan_rows(day++, rows);
  EXPECT_EQ(render_text(scan_rows(day, 2150), false),
            "ratings\n"
            "  FAILED  change percent for row_count between -20 and 50.  percent change of row_count = "
            "114.35692921236291, must be between -20 and 50   checks.yaml:2:5\n"
            "  passed  change avg last 7 for missing_count(title) < 100\n"
            "  FAILED  anomaly detection for row_count.  row_count = 2150, expected 577.745 to 1428.25   "
            "checks.yaml:4:5\n"
            "  FAILED  Schema Check.  fail_column_deletions [year]   checks.yaml:5:5\n"
            "  WARNED  countries.  warn_group_additions [FR]   checks.yaml:8:5\n"
            "5 checks: 1 passed, 1 warned, 3 failed\n");
}

TEST_F(HistoryTest, WithoutAHistoryItIsAnErrorThatSaysSo) {
  earlier_ = nullptr;
  for (const bool compat : {false, true}) {
    compat_ = compat;
    const ScanResult result = scan_day(0, 1, R"(
  - change for row_count < 5
  - anomaly detection for row_count
  - schema:
      warn: {when schema changes: any}
  - group evolution:
      query: select 1
      fail: {when groups change: any}
  - row_count > 0)");
    EXPECT_EQ(outcome_line(result), "none NULL, none NULL, none NULL, none NULL, pass 1");
    ASSERT_EQ(result.errors.size(), 4U) << errors_of(result);
    EXPECT_EQ(
        errors_of(result).substr(0, errors_of(result).find('\n')),
        "checks.yaml:3:5: \"change for row_count < 5\" cannot be evaluated: it compares with earlier scans and needs a "
        "history, the file in which scans keep what they measured (--history FILE)");
    EXPECT_EQ(to_text(result.errors[3].location), "checks.yaml:7:5");
    EXPECT_EQ(result.soda_exit_code(), 3);
  }
}

TEST_F(HistoryTest, ChangesAgainstEveryBaseline) {
  const std::string checks = R"(
  - change for row_count = 0
  - change percent for row_count = 0
  - change avg last 3 for row_count = 0
  - change min last 3 for row_count = 0
  - change max last 3 percent for row_count = 0
  - change percent avg last 3 for row_count = 0
  - change same day last week for row_count = 0
  - change same day last week percent for row_count = 0)";
  for (const auto& [day, rows] : {std::pair{0, 0}, {4, 10}, {5, 40}}) scan_day(day, rows, checks);
  EXPECT_EQ(outcome_line(scan_day(6, 25, checks)),
            "fail -15, fail -37.5, fail 8.333333333333334, fail 25, fail -37.5, fail 50, warming up, "
            "warming up");
  const ScanResult week_later = scan_day(7, 5, checks);
  EXPECT_EQ(outcome_line(week_later), "fail -20, fail -80, fail -20, fail -5, fail -87.5, fail -80, fail 5, none NULL");
  EXPECT_EQ(
      errors_of(week_later),
      "checks.yaml:10:5: \"change same day last week percent for row_count = 0\" cannot be evaluated: the earlier "
      "value is 0, of which there is no percentage\n");
  compat_ = true;
  EXPECT_EQ(errors_of(scan_day(7, 5, checks)), "");
  compat_ = false;
  EXPECT_EQ(
      notices(scan_day(20, 0, checks)).find("is warming up: no measurement of the same day last week, 2021-01-14"),
      notices(scan_day(20, 0, checks)).find("is warming up"));
  scan_day(21, 0, checks);
  EXPECT_EQ(outcome_line(scan_day(22, 0, "  - change percent for row_count = 0")), "pass 0")
      << "from 0 to 0 is not a change";
}

TEST_F(HistoryTest, AChangeHasThresholdsAndZonesAsEveryMetric) {
  scan_day(0, 100, "  - change for row_count = 0\n  - change for sum(n) = 0");
  const auto outcome = [&](int rows, const std::string& check) {
    return outcome_line(scan_day(1, rows, "  - " + check, false));
  };
  EXPECT_EQ(outcome(150, "change for row_count between -20 and +50"), "pass 50");
  EXPECT_EQ(outcome(151, "change for row_count between -20 and +50"), "fail 51");
  EXPECT_EQ(outcome(80, "change for row_count between -20 and +50"), "pass -20");
  EXPECT_EQ(outcome(79, "change for row_count between -20 and +50"), "fail -21");
  EXPECT_EQ(outcome(150, "change percent for row_count < 50 %"), "fail 50");
  EXPECT_EQ(outcome(149, "change percent for row_count < 50%"), "pass 49");
  const std::string zones = "change for row_count:\n      warn: when > 10\n      fail: when > ${MOST}";
  variables_["MOST"] = "20";
  EXPECT_EQ(outcome(110, zones), "pass 10");
  EXPECT_EQ(outcome(111, zones), "warn 11");
  EXPECT_EQ(outcome(121, zones), "fail 21");
  EXPECT_EQ(errors_of(scan_day(1, 1, "  - change for row_count")),
            "checks.yaml:2:5: \"change for row_count\" says what to measure, but not what is good: add a threshold, as "
            "in 'change for row_count > 0', or 'warn: when ...' and 'fail: when ...'\n");
}

// 2^53 is 9007199254740992: of the whole numbers behind it, a real number holds every second one only.
TEST_F(HistoryTest, ChangesOfLargeWholeNumbersAreExact) {
  const auto measure = [&](int day, const std::string& number, const std::string& checks) {
    db_.query("create or replace table v as select " + number + "::bigint as n");
    return outcome_line(scan_on(day, "checks for v:\n" + checks));
  };
  const std::string checks =
      "  - change for max(n) = 2\n  - change min last 2 for max(n) = 1\n  - change max last 2 for max(n) = -1\n"
      "  - change avg last 2 for max(n) = 0\n  - change for n = 2:\n      n query: SELECT n FROM v\n";
  EXPECT_EQ(measure(0, "9007199254740993", checks), "warming up, warming up, warming up, warming up, warming up");
  EXPECT_EQ(measure(1, "9007199254740995", checks), "pass 2, warming up, warming up, warming up, pass 2");
  EXPECT_EQ(measure(2, "9007199254740994", checks), "fail -1, pass 1, pass -1, pass 0, fail -1");
  const ScanResult result = scan_on(3, "checks for v:\n  - change for max(n) = 0");
  EXPECT_EQ(diagnostics(result.checks[0]),
            "check_value 0; historic_value 9007199254740994; metric_value 9007199254740994");

  const std::string change = "  - change for max(n) = 0\n  - change percent for max(n) > 0\n";
  measure(10, "-9223372036854775807", change);
  EXPECT_EQ(measure(11, "9223372036854775807", change), "fail 1.8446744073709552e+19, pass 200")
      << "wider than 64 bits";
}

TEST_F(HistoryTest, ARealNumberStaysOneAndAnAverageOfWholeOnesIsNoneUnlessItIsWhole) {
  db_.query("create or replace table v as select 1.5::double as r, 3 as n");
  const std::string checks = "checks for v:\n  - change for max(r) = 0\n  - change avg last 2 for max(n) = 0";
  scan_on(0, checks);
  db_.query("create or replace table v as select 4::double as r, 4 as n");
  EXPECT_EQ(outcome_line(scan_on(1, checks)), "fail 2.5, warming up");
  EXPECT_EQ(outcome_line(scan_on(2, checks)), "pass 0, fail 0.5");
  EXPECT_EQ(outcome_line(scan_on(3, checks)), "pass 0, pass 0");
}

TEST_F(HistoryTest, AnInfiniteValueIsNoMeasurement) {
  const ScanResult result = scan_day(0, 1, "  - change for big < 5:\n      big expression: \"'inf'::double\"");
  EXPECT_EQ(
      errors_of(result),
      "checks.yaml:2:5: \"change for big < 5\" cannot be evaluated: change of big is 'inf', which is not a number\n");
  EXPECT_TRUE(result.records.empty());
}

TEST_F(HistoryTest, GrowthFromANegativeValueIsPositive) {
  const std::string check = "checks for v:\n  - change percent for sum(n) = 50";
  db_.query("create or replace table v as select -100 as n");
  scan_on(0, check);
  db_.query("create or replace table v as select -50 as n");
  EXPECT_EQ(outcome_line(scan_on(1, check)), "pass 50");
}

TEST_F(HistoryTest, OnlyEarlierDaysCountSoThatBackfillsAndRerunsAreRight) {
  const std::string check = "  - change for row_count = 0";
  EXPECT_EQ(outcome_line(scan_day(2, 30, check)), "warming up");
  EXPECT_EQ(outcome_line(scan_day(0, 10, check)), "warming up") << "a backfilled day is not compared with a later one";
  EXPECT_EQ(outcome_line(scan_day(1, 15, check)), "fail 5");
  EXPECT_EQ(outcome_line(scan_day(2, 31, check)), "fail 16") << "a rerun is not compared with itself";
  EXPECT_EQ(outcome_line(scan_day(3, 40, check, false)), "fail 9") << "with what the rerun measured";
  EXPECT_EQ(outcome_line(scan_day(4, 40, check)), "fail 9") << "what the caller did not store is not a baseline";
}

TEST_F(HistoryTest, OtherFiltersAndSettingsHaveHistoriesOfTheirOwn) {
  const std::string checks = R"(
filter movie_ratings_curated [daily]:
  where: run_date = '${run_date}' or '${country}' = 'NL'
checks for movie_ratings_curated [daily]:
  - change for row_count = 0
  - change for row_count = 0:
      filter: rating > 1
  - change for invalid_count(rating) = 0:
      valid max: ${MOST}
  - change for rows = 0:
      rows expression: count(*)
checks for movie_ratings_curated:
  - change for row_count = 0
)";
  variables_ = {{"country", "BE"}, {"MOST", "5"}};
  EXPECT_EQ(outcome_line(scan_on(0, checks)), "warming up, warming up, warming up, warming up, warming up");
  const ScanResult second = scan_on(1, checks);
  EXPECT_EQ(outcome_line(second), "fail -2, fail -2, fail -1, fail -2, pass 0") << "the day may move in the filter";
  ASSERT_EQ(second.records.size(), 5U);
  EXPECT_EQ(second.records[2].key,
            R"({"arguments":["rating"],"dataset":"movie_ratings_curated","metric":"invalid_count","partition":"daily",)"
            R"("valid max":"5","where":"run_date = '${run_date}' or 'BE' = 'NL'"})");
  variables_["MOST"] = "4";
  EXPECT_EQ(outcome_line(scan_on(2, checks)), "fail -1, fail -1, warming up, fail -1, pass 0") << "another bound";
  variables_["country"] = "NL";
  EXPECT_EQ(outcome_line(scan_on(3, checks)), "warming up, warming up, warming up, warming up, pass 0")
      << "another country";
}

TEST_F(HistoryTest, ABrokenHistoryCostsItsOwnChecksOnly) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "history.jsonl") << "nonsense\n";
  const ScanResult result = scan_day(0, 1, "  - change for row_count = 0\n  - row_count = 1", false);
  EXPECT_EQ(outcome_line(result), "none NULL, pass 1");
  EXPECT_EQ(
      errors_of(result),
      "checks.yaml:2:5: \"change for row_count = 0\" cannot be evaluated: " + (folder_ / "history.jsonl").string() +
          ":1: this is not a record of the history of measurements. Correct or remove the line; to start a new "
          "history, move the file away.\n");
}

TEST_F(HistoryTest, LinesThatAreNoChangeSayWhatIsExpected) {
  const auto error = [&](const std::string& line) { return errors_of(scan_day(0, 1, "  - " + line)); };
  EXPECT_EQ(
      error("change avg 7 for row_count < 1"),
      "checks.yaml:2:5: \"change avg 7 for row_count < 1\" is not a check: '7' stands where 'last' and a number of "
      "measurements, as in 'avg last 7' is expected\n");
  EXPECT_EQ(error("change max last 0 for row_count < 1"),
            "checks.yaml:2:5: \"change max last 0 for row_count < 1\" is not a check: '0' stands where a number of "
            "measurements from 1 to 1000 is expected\n");
  EXPECT_EQ(error("change same week for row_count < 1"),
            "checks.yaml:2:5: \"change same week for row_count < 1\" is not a check: 'same' stands where 'for' and a "
            "metric, as in 'change for row_count' is expected\n");
  EXPECT_EQ(
      error("anomaly score for row_count < 0.7"),
      "checks.yaml:2:5: \"anomaly score for row_count < 0.7\" is not a check: an anomaly score has no threshold but "
      "'< default'\n");
  EXPECT_EQ(error("anomaly detection for row_count < 5"),
            "checks.yaml:2:5: \"anomaly detection for row_count < 5\" is not a check: '< 5' is one too many: what is "
            "anomalous is not given but learned\n");
  EXPECT_EQ(errors_of(scan_text("checks for ev:\n  - change for freshness(ts) < 1d")),
            "checks.yaml:2:5: not supported: the change of a freshness; 'freshness(column) < 1d' limits the age "
            "itself\n");
}

TEST_F(HistoryTest, AnomaliesOfATable) {
  std::mt19937 random(3);
  std::normal_distribution<double> noise(0, 3);
  const std::string checks = "  - anomaly detection for row_count\n  - anomaly score for row_count < default";
  for (int day = 0; day < 7; ++day)
    EXPECT_EQ(outcome_line(scan_day(day, 200 + static_cast<int>(noise(random)), checks)), "warming up, warming up");
  for (int day = 7; day < 30; ++day) {
    const int rows = 200 + static_cast<int>(noise(random));
    const std::string value = std::to_string(rows);
    EXPECT_EQ(outcome_line(scan_day(day, rows, checks)), "pass " + value + ", pass " + value);
  }
  const ScanResult spike = scan_day(30, 400, checks);
  EXPECT_EQ(outcome_line(spike), "fail 400, fail 400");
  EXPECT_EQ(notices(spike), "checks.yaml:3:5: 'anomaly score' is deprecated; write anomaly detection for row_count\n");
  EXPECT_NE(render_text(spike, false).find("row_count = 400, expected 1"), std::string::npos)
      << render_text(spike, false);
  EXPECT_EQ(spike.records.size(), 1U) << "both checks measure the same";
}

TEST_F(HistoryTest, SettingsOfAnAnomalyCheck) {
  const auto with = [](const std::string& settings) { return "  - anomaly detection for row_count:\n" + settings; };
  for (int day = 0; day < 8; ++day) scan_day(day, 100, with("      warn_only: false"));
  EXPECT_EQ(outcome_line(scan_day(8, 150, with("      warn_only: True"), false)), "warn 150");
  const std::string severity =
      "      severity_level_parameters:\n        warning_ratio: 0.5\n        min_confidence_interval_ratio: 0.25";
  EXPECT_EQ(outcome_line(scan_day(8, 125, with(severity), false)), "pass 125");
  EXPECT_EQ(outcome_line(scan_day(8, 150, with(severity), false)), "warn 150");
  EXPECT_EQ(outcome_line(scan_day(8, 151, with(severity), false)), "fail 151");
  EXPECT_EQ(
      outcome_line(scan_day(8, 100,
                            with("      training_dataset_parameters: {window_length: 7, frequency: auto, "
                                 "aggregation_function: last}\n      take_over_existing_anomaly_score_check: True"),
                            false)),
      "pass 100");
  const auto error = [&](const std::string& settings) {
    const ScanResult result = scan_day(8, 100, with("      " + settings), false);
    EXPECT_EQ(outcome_line(result), "none NULL");
    return errors_of(result);
  };
  EXPECT_EQ(error("severity_level_parameters: {warning_ratio: 2}"),
            "checks.yaml:3:50: 'warning_ratio' must be a number from 0 to 1, but is '2'\n");
  EXPECT_EQ(error("training_dataset_parameters: {window_length: 3}"),
            "checks.yaml:3:52: 'window_length' must be a number from 7 to 1000, but is '3'\n");
  EXPECT_EQ(error("training_dataset_parameters: {frequency: H}"),
            "checks.yaml:3:48: not supported: 'frequency: H'; only 'auto' is\n");
  EXPECT_EQ(error("training_dataset_parameters: {window_lenght: 9}"),
            "checks.yaml:3:37: not supported: 'window_lenght' under 'training_dataset_parameters'. Did you mean "
            "'window_length'? Supported are: window_length, frequency, aggregation_function\n");
  EXPECT_EQ(error("model: {type: prophet}"),
            "checks.yaml:3:14: not supported: 'model', the settings of Prophet; anomalies are found here by weekday "
            "medians, see 'severity_level_parameters' and 'training_dataset_parameters'\n");
  EXPECT_EQ(
      error("warn: when > 3"),
      "checks.yaml:2:5: an anomaly check has no 'warn' and 'fail' of its own: see 'severity_level_parameters' and "
      "'warn_only'\n");
  EXPECT_EQ(error("warn_only: maybe"), "checks.yaml:3:18: 'warn_only' must be true or false, but is 'maybe'\n");
  const ScanResult elsewhere = scan_day(8, 1, "  - row_count > 0:\n      warn_only: true", false);
  EXPECT_EQ(errors_of(elsewhere), "");
  ASSERT_EQ(elsewhere.notices.size(), 1U);
  EXPECT_EQ(elsewhere.notices[0].message, "'warn_only' does nothing under \"row_count > 0\"");
}

}  // namespace
}  // namespace metl::quality::test

// Whole scans over small tables: what passes, what fails with which value, and what is an error.
#include "fixture.h"

namespace metl::quality::test {
namespace {

constexpr std::string_view kMainJob = R"(
filter ${table} [daily]:
  where: run_date = '${run_date}'
checks for ${table} [daily]:
  - row_count > 0
  - duplicate_count(movie_id, user_id) = 0:
      name: A user rates a movie once.
  - missing_count(ts) = 0
  - invalid_count(rating) = 0:
      name: Value of rating should be between 0 and 5.
      valid min: 0
      valid max: 5
  - invalid_count(original_language) = 0:
      valid length: 2
  - missing_percent(original_language) < 40:
      name: Language on ${run_date}
  - schema:
      fail:
        when required column missing: [movie_id, user_id]
        when wrong column type:
          movie_id: BIGINT
          rating: float
)";

TEST_F(ScanTest, MainJobIsOneQueryForAllMetrics) {
  variables_ = {{"table", "movie_ratings_curated"}, {"run_date", "2021-01-01"}};
  const ScanResult result = scan_text(std::string(kMainJob));
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(outcomes(result), (Outcomes{"pass 3", "fail 1", "fail 1", "fail 1", "fail 1", "pass 33.33", "pass NULL"}));
  ASSERT_EQ(result.queries.size(), 2U) << "one for the aggregates, one for the duplicates";
  EXPECT_EQ(result.soda_exit_code(), 2);
  const CheckResult& rating = result.checks[3];
  EXPECT_EQ(rating.dataset, "movie_ratings_curated");
  EXPECT_EQ(rating.partition, "daily");
  EXPECT_EQ(rating.column, "rating");
  EXPECT_EQ(rating.measured, "invalid_count(rating)");
  EXPECT_EQ(rating.threshold, "must be = 0");
  EXPECT_EQ(to_text(rating.location), "checks.yaml:9:5");
  EXPECT_EQ(result.checks[5].name, "Language on 2021-01-01");
  // The other day's rows are not looked at, and a passing check offers no failing rows.
  EXPECT_EQ(result.checks[0].failing_rows, "");
  const Rows rows = db_.query(rating.failing_rows);
  ASSERT_EQ(rows.rows.size(), 1U);
  EXPECT_EQ(to_text(rows.rows[0][2]), "5.5");
  EXPECT_EQ(db_.query(result.checks[1].failing_rows).rows.size(), 2U);
  EXPECT_EQ(db_.query(result.checks[2].failing_rows).rows.size(), 1U);
}

TEST_F(ScanTest, UndefinedVariableIsAnErrorNotAnEmptyFilter) {
  variables_ = {{"table", "movie_ratings_curated"}, {"run_dat", "2021-01-01"}};
  const ScanResult result = scan_text(std::string(kMainJob));
  EXPECT_EQ(result.count(Outcome::kNotEvaluated), 7);
  EXPECT_TRUE(errors_of(result).starts_with(
      "checks.yaml:3:10: variable 'run_date' is not defined. Did you mean 'run_dat'? Give it with -v run_date=VALUE or "
      "declare it under 'variables:'.\n"))
      << errors_of(result);
  EXPECT_TRUE(result.queries.empty());
  EXPECT_EQ(result.soda_exit_code(), 3);
}

TEST_F(ScanTest, OneBadColumnTakesNoOtherCheckDown) {
  const ScanResult result = scan_check(R"(
  - row_count > 0
  - missing_count(nope) = 0
  - avg(original_title) > 1
  - max(budget) = 100)");
  EXPECT_EQ(outcomes(result), (Outcomes{"pass 4", "none NULL", "none NULL", "pass 100"}));
  ASSERT_EQ(result.errors.size(), 2U);
  EXPECT_EQ(errors_of(result).substr(0, errors_of(result).find('\n')),
            "checks.yaml:4:5: dataset 'movie_ratings_curated' has no column 'nope'.");
  EXPECT_EQ(to_text(result.errors[1].location), "checks.yaml:5:5");
  EXPECT_NE(result.errors[1].message.find("avg"), std::string::npos);
  EXPECT_EQ(result.queries.size(), 4U) << "the fused query, then each of its metrics alone";
}

TEST_F(ScanTest, AQueryHoldsAtMostFiftyAggregates) {
  std::string checks;
  for (int i = 0; i < 60; ++i)
    checks += "\n  - missing_count(ts) = 1:\n      filter: budget > " + std::to_string(i + 1000);
  const ScanResult result = scan_check(checks);
  EXPECT_EQ(result.queries.size(), 2U);
  EXPECT_EQ(result.count(Outcome::kFail), 60);
}

TEST_F(ScanTest, EqualMetricsAreMeasuredOnce) {
  const ScanResult result = scan_check(R"(
  - row_count > 0
  - row_count < 9
  - missing_percent(ts) = 25)");
  EXPECT_EQ(outcomes(result), (Outcomes{"pass 4", "pass 4", "pass 25"}));
  ASSERT_EQ(result.queries.size(), 1U);
  EXPECT_EQ(result.queries[0].sql,
            "SELECT COUNT(*),\n  COUNT(CASE WHEN (\"ts\" IS NULL) THEN 1 END) FROM \"movie_ratings_curated\"");
}

TEST_F(ScanTest, ZonesWarnAndFail) {
  const ScanResult result = scan_check(R"(
  - row_count:
      warn: when > 3
      fail: when > 10
  - row_count:
      warn: when between 1 and 10
      fail: when between 4 and 5
  - row_count > 0:
      warn: when > 3)");
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(outcomes(result), (Outcomes{"warn 4", "fail 4", "pass 4"}));
  EXPECT_EQ(result.checks[0].threshold, "warns when > 3, fails when > 10");
  EXPECT_EQ(result.checks[0].name, "row_count warn when > 3 fail when > 10");
  ASSERT_EQ(result.notices.size(), 1U);
  EXPECT_EQ(result.notices[0].message,
            "\"row_count > 0\" has a threshold of its own: its 'warn' and 'fail' do nothing");
}

TEST_F(ScanTest, SettingsWithoutEffectAreNoted) {
  const ScanResult result = scan_check(R"(
  - duplicate_count(user_id) = 1:
      missing values: [11]
  - freshness using ts < 1d)");
  EXPECT_EQ(result.checks[0].outcome, Outcome::kPass);
  ASSERT_EQ(result.notices.size(), 2U);
  EXPECT_EQ(result.notices[0].message, "what is missing or valid makes no difference to duplicate_count");
  EXPECT_EQ(result.notices[1].message, "'freshness using' is deprecated; write freshness(column) < 1d");
}

TEST_F(ScanTest, ConfigurationsCompleteTheCheck) {
  const ScanResult result = scan_text(R"(
configurations for movie_ratings_curated:
  valid values for original_language: [EN]
  valid length for original_language: 2
checks for movie_ratings_curated:
  - invalid_count(original_language) = 0:
      valid values: [FRA]
  - invalid_count(original_language) = 0
  - invalid_count(is_adult) = 2:
      valid values: [true]
)");
  EXPECT_EQ(outcomes(result), (Outcomes{"fail 2", "fail 2", "pass 2"})) << errors_of(result);
}

TEST_F(ScanTest, ForEachDataset) {
  const ScanResult result = scan_text(R"(
for each dataset T:
  datasets: [dim_%, include MOVIE%, exclude ev]
  checks:
    - row_count > 3:
        name: rows of ${T}
)");
  EXPECT_EQ(errors_of(result), "");
  ASSERT_EQ(outcomes(result), (Outcomes{"fail 2", "pass 4"}));
  EXPECT_EQ(result.checks[0].name, "rows of dim_movie");
  EXPECT_EQ(errors_of(scan_text("for each dataset T:\n  datasets: [nothing%]\n  checks:\n    - row_count > 3")),
            "checks.yaml:1:1: 'for each dataset T' matches no dataset: nothing would be checked\n");
}

TEST_F(ScanTest, FieldsOfStructsAndOfListsOfStructs) {
  db_.query(
      "create table deep as select {'b': {'c': i, 'w': 'x'}} as a, [{'name': 'n', 'tag': {'k': i}}] as list "
      "from range(4) t(i)");
  data_.schema_of = [](const std::string&) -> Schema {
    return {{"a", *parse_type("struct<b:struct<c:bigint,w:string>>"), true, ""},
            {"list", *parse_type("array<struct<name:string,tag:struct<k:bigint>>>"), true, ""}};
  };
  const ScanResult result = scan_text(R"(
checks for deep:
  - max(a.b.c) = 3
  - missing_count("A.B.w") = 0
  - duplicate_count(a.b.c) = 0
  - duplicate_count(list.name) = 1
  - min_length(list.tag.k) = 1
  - max(a.b.d) = 3
)");
  EXPECT_EQ(outcomes(result), (Outcomes{"pass 3", "pass 0", "pass 0", "pass 1", "pass 1", "none NULL"}));
  EXPECT_NE(errors_of(result).find("dataset 'deep' has no column 'a.b.d'."), std::string::npos) << errors_of(result);
}

TEST_F(ScanTest, AttributesForAllChecksBehindThem) {
  const ScanResult result = scan_check(R"(
  - row_count > 0
  - attributes: {owner: me, team: [a, b]}
  - row_count > 1:
      attributes: {owner: you, level: 1}
  - row_count > 2)");
  EXPECT_EQ(errors_of(result), "");
  using Attributes = std::vector<std::pair<std::string, std::string>>;
  ASSERT_EQ(result.checks.size(), 3U);
  EXPECT_EQ(result.checks[0].attributes, (Attributes{}));
  EXPECT_EQ(result.checks[1].attributes, (Attributes{{"owner", "me"}, {"level", "1"}, {"team", "a, b"}}));
  EXPECT_EQ(result.checks[2].attributes, (Attributes{{"owner", "me"}, {"team", "a, b"}}));
}

TEST_F(ScanTest, WhatSodaCorePassesOverIsANoticeInCompatMode) {
  const std::string misplaced = "  - row_count > 0:\n      name: x\n    filter: rating > 100";
  EXPECT_EQ(errors_of(scan_check(misplaced)),
            "checks.yaml:4:5: 'filter' stands at the same indentation as the check \"row_count > 0\"; indent it by two "
            "more spaces\n");
  compat_ = true;
  const ScanResult result = scan_check(misplaced + "\n  - row_count > 1:\n      condition: x");
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(outcomes(result), (Outcomes{"pass 4", "pass 4"}));
  ASSERT_EQ(result.notices.size(), 2U);
  EXPECT_EQ(result.notices[1].message, "'condition' does nothing under \"row_count > 1\"");
}

TEST_F(ScanTest, InterruptionEndsTheScan) {
  data_.query = [](const std::string&) -> Rows { throw Error(Cause::kInterrupted, "stopped"); };
  EXPECT_THROW(scan_check("  - row_count > 0"), Error);
  data_ = db_.access(compat_);
  data_.schema_of = [](const std::string&) -> Schema { throw Error(Cause::kInterrupted, "stopped"); };
  EXPECT_THROW(scan_check("  - row_count > 0"), Error) << "while it is planned";
}

TEST_F(ScanTest, AFileThatCannotBeReadIsAnError) {
  const ScanResult result = scan({{"/nowhere/checks.yaml"}, {}, now_, false}, data_);
  EXPECT_EQ(errors_of(result), "/nowhere/checks.yaml: the file cannot be read: no such file, or no right to read it\n");
  EXPECT_EQ(errors_of(scan_text("checks for x:\n  - a\n b: [")),
            "checks.yaml:3:2: not valid YAML: did not find expected key (while parsing a block mapping from line 1, "
            "column 1)\n");
}

}  // namespace
}  // namespace metl::quality::test

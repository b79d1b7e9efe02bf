// What a scan refuses, and in which words: what Soda Core passes in silence, and what is wrong in a check.
#include "fixture.h"

namespace metl::quality::test {
namespace {

struct Silent {
  std::string checks;
  std::string error;
  std::string in_compat;  // outcome of the first check
};
class SilentPass : public ScanTest, public ::testing::WithParamInterface<Silent> {};

TEST_P(SilentPass, IsAnErrorUnlessCompat) {
  const ScanResult strict = scan_text(GetParam().checks);
  EXPECT_EQ(errors_of(strict), GetParam().error + "\n");
  EXPECT_EQ(strict.count(Outcome::kPass), 0);
  EXPECT_EQ(strict.soda_exit_code(), 3);
  compat_ = true;
  const ScanResult compat = scan_text(GetParam().checks);
  EXPECT_EQ(outcomes(compat), GetParam().in_compat.empty() ? Outcomes{} : Outcomes{GetParam().in_compat});
}

INSTANTIATE_TEST_SUITE_P(
    Strict, SilentPass,
    ::testing::Values(
        Silent{"checks for movie_ratings_curated:\n  - invalid_count(rating) = 0",
               "checks.yaml:2:5: nothing says what is invalid: add 'valid min', 'valid values', 'valid format' or the "
               "like "
               "under \"invalid_count(rating) = 0\"",
               "pass 0"},
        Silent{"checks for movie_ratings_curated:\n  - invalid_count(rating) = 0:\n      valid min: abc",
               "checks.yaml:3:18: 'valid min' must be a number, but is 'abc'", "pass 0"},
        Silent{
            "checks for ev:\n  - freshness(ts) > 1h",
            "checks.yaml:2:5: freshness must be less than something, as in '< 1d'; '> 1h' would accept any stale data",
            "pass 86400000"},
        Silent{"checks for ev:\n  - freshness(ts) < 30s",
               "checks.yaml:2:5: the threshold '30s' is not a duration such as 1d2h30m; seconds are not supported, the "
               "smallest "
               "unit is a minute",
               "pass 86400000"},
        Silent{"checks for empty_t:\n  - avg(a) > 0",
               "checks.yaml:2:5: \"avg(a) > 0\" cannot be evaluated: avg(a) is NULL: there is no value to measure",
               "none NULL"},
        Silent{"checks for movie_ratings_curated:\n  - min(rating, budget) > 0",
               "checks.yaml:2:5: min is about one column, but 2 are named", "pass 2"},
        Silent{"filter empty_t [daily]:\n  where: a = '${NOPE}'\nchecks for empty_t [daily]:\n  - row_count = 0",
               "checks.yaml:2:10: variable 'NOPE' is not defined. Give it with -v NOPE=VALUE or declare it under "
               "'variables:'.",
               "pass 0"},
        Silent{"checks for ev:\n  - row_count not between 5 and 1",
               "checks.yaml:2:5: 'not between 5 and 1' holds no number: the smaller one comes first", "pass 1"},
        Silent{"checks for ev:\n  - schema:\n      fail:\n        when wrong column type:\n          id: floaty",
               "checks.yaml:5:15: 'floaty' is not a type, as bigint or array<string> are", "fail NULL"},
        Silent{"", "checks.yaml: there is no check in the checks files: nothing was checked", ""}));

// A check that is wrong in both modes.
struct Wrong {
  std::string lines;
  std::string error;
};
class WrongCheck : public ScanTest, public ::testing::WithParamInterface<Wrong> {};

TEST_P(WrongCheck, SaysWhereAndWhatToDo) {
  for (const bool compat : {false, true}) {
    compat_ = compat;
    EXPECT_EQ(errors_of(scan_check(GetParam().lines)), GetParam().error + "\n");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Both, WrongCheck,
    ::testing::Values(
        Wrong{"  - row_count",
              "checks.yaml:2:5: \"row_count\" says what to measure, but not what is good: add a threshold, as in "
              "'row_count > 0', "
              "or 'warn: when ...' and 'fail: when ...'"},
        Wrong{"  - row_count >", "checks.yaml:2:5: \"row_count >\" is not a check: it ends where a number is expected"},
        Wrong{"  - row_count > 0:\n    name: x",
              "checks.yaml:3:5: 'name' stands at the same indentation as the check \"row_count > 0\"; indent it by two "
              "more spaces"},
        Wrong{"  - row_count > 0:\n      nam: x",
              "checks.yaml:3:7: 'nam' is not a setting of the check \"row_count > 0\". Did you mean 'name'?"},
        Wrong{"  - row_count > 0\nchecsk for dim_movie:\n  - row_count > 9",
              "checks.yaml:3:1: section \"checsk for dim_movie\" is none of SodaCL: \"checsk for dim_movie\" is not a "
              "section header. Did you mean 'checks'?"},
        Wrong{"  - row_cuont > 0",
              "checks.yaml:2:5: unknown metric 'row_cuont'. Did you mean 'row_count'? A metric of your own needs "
              "'row_cuont "
              "expression' or 'row_cuont query' under the check."},
        Wrong{"  - row_count > abc", "checks.yaml:2:5: the threshold 'abc' is not a number"},
        Wrong{"  - row_count > 5d", "checks.yaml:2:5: the threshold '5d' must be a number"},
        Wrong{"  - missing_count(user_di) = 0",
              "checks.yaml:2:5: dataset 'movie_ratings_curated' has no column 'user_di'. Did you mean 'user_id'?"},
        Wrong{"  - freshness(movie_id) < 1d",
              "checks.yaml:2:5: freshness needs a date or timestamp, but column 'movie_id' is bigint"},
        Wrong{"  - change for row_count < 5",
              "checks.yaml:2:5: \"change for row_count < 5\" cannot be evaluated: it compares with earlier scans and "
              "needs a history, the "
              "file in which scans keep what they measured (--history FILE)"},
        Wrong{"  - anomaly detection for row_count",
              "checks.yaml:2:5: \"anomaly detection for row_count\" cannot be evaluated: it compares with earlier "
              "scans and needs a history, the "
              "file in which scans keep what they measured (--history FILE)"},
        Wrong{"  - distribution_difference(rating) > 0.05",
              "checks.yaml:2:5: distribution_difference needs a 'distribution reference file', as soda update-dro "
              "makes it"},
        Wrong{"  - schema",
              "checks.yaml:2:5: 'schema' needs rules under 'warn' or 'fail', as in 'fail: {when required column "
              "missing: [id]}'"},
        Wrong{"  - failed rows:\n      name: x",
              "checks.yaml:2:5: 'failed rows' needs one of 'fail condition' (SQL that is true for a bad row) and 'fail "
              "query'"},
        Wrong{"  - values in (movie_id) must exist in dim_movies (id)",
              "checks.yaml:2:5: there is no dataset 'dim_movies'. Did you mean 'dim_movie'?"},
        Wrong{"  - row_count > 0\nchecks for dim_movie [dayly]:\n  - row_count > 0\nfilter dim_movie [daily]:\n  "
              "where: id > 0",
              "checks.yaml:3:1: the filter [dayly] of dataset 'dim_movie' is not declared in this file. Did you mean "
              "'daily'? It "
              "needs a section 'filter dim_movie [dayly]:' with 'where: ...'"}));

// Not silence, but another reading of the same words.
TEST_F(ScanTest, CompatReadsSettingsAndTypesAsSodaCoreDoes) {
  db_.query("create table timed as select unnest([0, 7]) as score, timestamp '2024-01-01' as at");
  const std::string checks = R"(
configurations for timed:
  invalid values for score: [7]
checks for timed:
  - max(score) = 0
  - schema:
      fail:
        when wrong column type: {at: timestamp}
)";
  const ScanResult strict = scan_text(checks);
  EXPECT_EQ(outcomes(strict), (Outcomes{"pass 0", "fail NULL"})) << errors_of(strict);
  EXPECT_EQ(strict.checks[1].diagnostics[0].second, "expected(timestamp) actual(timestamp_ntz)");
  compat_ = true;
  EXPECT_EQ(outcomes(scan_text(checks)), (Outcomes{"fail 7", "pass NULL"}));
}

}  // namespace
}  // namespace metl::quality::test

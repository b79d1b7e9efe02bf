#include "quality/report/render.h"

#include "fixture.h"
#include "quality/explain.h"

namespace metl::quality::test {
namespace {

class Render : public ScanTest {};

constexpr std::string_view kChecks = R"(
  - row_count > 0
  - invalid_count(rating) = 0:
      name: Value of rating should be between 0 and 5.
      valid max: 5
      attributes: {team: data, tags: [a, b]}
  - row_count:
      warn: when > 3
  - schema:
      fail:
        when required column missing: [nope]
  - missing_count(nope) = 0)";

TEST_F(Render, TextNamesWhatFailedAndWhere) {
  EXPECT_EQ(
      render_text(scan_check(std::string(kChecks)), false),
      "movie_ratings_curated\n"
      "  passed  row_count > 0\n"
      "  FAILED  Value of rating should be between 0 and 5.  invalid_count(rating) = 1, must be = 0   checks.yaml:4:5\n"
      "  WARNED  row_count warn when > 3.  row_count = 4, warns when > 3   checks.yaml:8:5\n"
      "  FAILED  Schema Check.  fail_missing_column_names [nope]   checks.yaml:10:5\n"
      "  NOT EVALUATED  missing_count(nope) = 0   checks.yaml:13:5\n"
      "ERROR  checks.yaml:13:5: dataset 'movie_ratings_curated' has no column 'nope'.\n"
      "5 checks: 1 passed, 1 warned, 2 failed, 1 not evaluated, 1 error\n");
  EXPECT_EQ(
      render_text(scan_check("  - missing_percent(ts) < 20"), false),
      "movie_ratings_curated\n"
      "  FAILED  missing_percent(ts) < 20.  missing_percent(ts) = 25 (row_count 4, missing_count 1), must be < 20   "
      "checks.yaml:2:5\n"
      "1 check: 1 failed\n");
  EXPECT_NE(render_text(scan_check(std::string(kChecks)), true).find("\033[31mFAILED\033[0m"), std::string::npos);
}

TEST_F(Render, JsonHoldsWhatARecordNeeds) {
  const nlohmann::json json = to_json(scan_check(std::string(kChecks)));
  EXPECT_EQ(json["outcome"], "error");
  EXPECT_EQ(json["counts"], nlohmann::json::parse(R"({"pass":1,"warn":1,"fail":2,"not_evaluated":1,"errors":1})"));
  const nlohmann::json& check = json["checks"][1];
  EXPECT_EQ(check["name"], "Value of rating should be between 0 and 5.");
  EXPECT_EQ(check["outcome"], "fail");
  EXPECT_EQ(check["value"], 1);
  EXPECT_EQ(check["threshold"], "must be = 0");
  EXPECT_EQ(check["location"], "checks.yaml:4:5");
  EXPECT_EQ(check["attributes"], nlohmann::json::parse(R"({"team":"data","tags":"a, b"})"));
  EXPECT_EQ(json["errors"][0]["location"], "checks.yaml:13:5");
  EXPECT_EQ(to_json(scan_check("  - row_count > 0"))["outcome"], "pass");
  EXPECT_EQ(to_json(scan_check("  - row_count:\n      warn: when > 3"))["outcome"], "warn");
}

TEST_F(Render, JunitHasASuiteForEachDataset) {
  EXPECT_EQ(render_junit(scan_text("checks for movie_ratings_curated:" + std::string(kChecks) +
                                   "\nchecks for dim_movie:\n  - row_count > 0:\n      nam: x\n")),
            R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="checks" tests="7" failures="2" errors="2">
  <testsuite name="movie_ratings_curated" tests="5" failures="2" errors="1" skipped="0">
    <testcase name="row_count &gt; 0" classname="movie_ratings_curated" file="checks.yaml" line="2"></testcase>
    <testcase name="Value of rating should be between 0 and 5." classname="movie_ratings_curated" file="checks.yaml" line="3"><failure message="invalid_count(rating) = 1, must be = 0">checks.yaml:3:5</failure></testcase>
    <testcase name="row_count warn when &gt; 3" classname="movie_ratings_curated" file="checks.yaml" line="7"><system-out>warned: row_count = 4, warns when &gt; 3 (checks.yaml:7:5)</system-out></testcase>
    <testcase name="Schema Check" classname="movie_ratings_curated" file="checks.yaml" line="9"><failure message="fail_missing_column_names [nope]">checks.yaml:9:5</failure></testcase>
    <testcase name="missing_count(nope) = 0" classname="movie_ratings_curated" file="checks.yaml" line="12"><error message="not evaluated: dataset 'movie_ratings_curated' has no column 'nope'.">checks.yaml:12:5</error></testcase>
  </testsuite>
  <testsuite name="dim_movie" tests="1" failures="0" errors="0" skipped="0">
    <testcase name="row_count &gt; 0" classname="dim_movie" file="checks.yaml" line="14"></testcase>
  </testsuite>
  <testsuite name="errors" tests="1" failures="0" errors="1" skipped="0">
    <testcase name="checks.yaml:15:7" classname="errors" file="checks.yaml" line="15"><error message="'nam' is not a setting of the check &quot;row_count &gt; 0&quot;. Did you mean 'name'?">checks.yaml:15:7</error></testcase>
  </testsuite>
</testsuites>
)");
}

TEST_F(Render, GithubAnnotatesFailuresWarningsAndErrors) {
  EXPECT_EQ(
      render_github(scan_check(std::string(kChecks))),
      "::error file=checks.yaml,line=4,col=5,title=Value of rating should be between 0 and 5.::movie_ratings_curated: "
      "invalid_count(rating) = 1, must be = 0\n"
      "::warning file=checks.yaml,line=8,col=5,title=row_count warn when > 3::movie_ratings_curated: row_count = 4, "
      "warns when > 3\n"
      "::error file=checks.yaml,line=10,col=5,title=Schema Check::movie_ratings_curated: fail_missing_column_names "
      "[nope]\n"
      "::error file=checks.yaml,line=13,col=5,title=Checks::dataset 'movie_ratings_curated' has no column 'nope'.\n"
      "5 checks: 1 passed, 1 warned, 2 failed, 1 not evaluated, 1 error\n");
}

TEST_F(Render, MarkdownHasTheBadOnesFirst) {
  EXPECT_EQ(render_markdown(scan_check(
                "  - row_count > 0\n  - row_count:\n      warn: when > 3\n  - max(rating) < 5\n  - min(nope) > 0")),
            "**4 checks: 1 passed, 1 warned, 1 failed, 1 not evaluated, 1 error**\n"
            "\n"
            "| Outcome | Dataset | Check | Found | Place |\n"
            "|---|---|---|---|---|\n"
            "| ❌ **failed** | `movie_ratings_curated` | `max(rating) < 5` | `max(rating) = 5.5, must be < 5` | "
            "`checks.yaml:5:5` |\n"
            "| ❔ **not evaluated** | `movie_ratings_curated` | `min(nope) > 0` |  | `checks.yaml:6:5` |\n"
            "| ⚠️ warned | `movie_ratings_curated` | `row_count warn when > 3` | `row_count = 4, warns when > 3` | "
            "`checks.yaml:3:5` |\n"
            "| passed | `movie_ratings_curated` | `row_count > 0` |  | `checks.yaml:2:5` |\n"
            "\n"
            "Errors:\n"
            "\n"
            "- `checks.yaml:6:5` `dataset 'movie_ratings_curated' has no column 'nope'.`\n");
}

constexpr std::string_view kPlanned = R"(filter movie_ratings_curated [daily]:
  where: run_date = '${day}'
checks for movie_ratings_curated [daily]:
  - row_count > 0
  - missing_percent(ts) < 20:
      name: Times on ${day}
  - duplicate_count(movie_id) = 0
for each dataset T:
  datasets: [dim%, exclude x]
  checks:
    - row_count:
        warn: when < 1
    - bad
)";

TEST_F(Render, ListShowsChecksWithoutData) {
  const ChecksFile file{std::string(kPlanned)};
  const Explanation list = list_checks({file.path()});
  EXPECT_EQ(
      text::replace_all(render_text(list), file.folder() + "/", ""),
      "movie_ratings_curated [daily]\n"
      "  row_count > 0   checks.yaml:4:5\n"
      "  missing_percent(ts) < 20  \"Times on ${day}\"   checks.yaml:5:5\n"
      "  duplicate_count(movie_id) = 0   checks.yaml:7:5\n"
      "each dataset of dim%, exclude x\n"
      "  row_count warn when < 1   checks.yaml:11:7\n"
      "  bad   checks.yaml:13:7\n"
      "ERROR  checks.yaml:13:7: \"bad\" says what to measure, but not what is good: add a threshold, as in 'bad > 0', "
      "or 'warn: when ...' and 'fail: when ...'\n"
      "5 checks, 1 error\n");
}

TEST_F(Render, ExplainShowsSqlAndRunsNone) {
  const ChecksFile file{text::replace_all(std::string(kPlanned), "    - bad\n", "")};
  data_.query = [](const std::string& sql) -> Rows { throw Error(Cause::kFailed, "asked: " + sql); };
  const Explanation plan = explain({{file.path()}, {{"day", "2021-01-01"}}, now_}, data_);
  const std::string where = "FROM \"movie_ratings_curated\" WHERE (\n      run_date = '2021-01-01'\n      )";
  EXPECT_EQ(text::replace_all(render_text(plan), file.folder() + "/", ""),
            "movie_ratings_curated [daily]\n"
            "  row_count > 0   checks.yaml:4:5\n"
            "      SELECT COUNT(*) " +
                where +
                "\n"
                "  missing_percent(ts) < 20  \"Times on 2021-01-01\"   checks.yaml:5:5\n"
                "      SELECT COUNT(CASE WHEN (\"ts\" IS NULL) THEN 1 END),\n"
                "        COUNT(*) " +
                where +
                "\n"
                "  duplicate_count(movie_id) = 0   checks.yaml:7:5\n"
                "      -- keys (movie_id) in more than one row of \"movie_ratings_curated\" WHERE (\n      run_date = "
                "'2021-01-01'\n      )\n"
                "dim_movie\n"
                "  row_count warn when < 1   checks.yaml:11:7\n"
                "      SELECT COUNT(*) FROM \"dim_movie\"\n"
                "4 checks\n");
}

}  // namespace
}  // namespace metl::quality::test

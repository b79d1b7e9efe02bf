#include "quality/render.h"

#include "fixture.h"

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

}  // namespace
}  // namespace metl::quality::test

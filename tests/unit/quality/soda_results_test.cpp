// The results file and console in Soda Core's form. 64_console.results.json is what Soda Core 3.5.6 saved with -srf
// (without sample blocks); 64_console.expected.json is compared by soda_cases_test.cpp.
#include <nlohmann/json.hpp>
#include <set>

#include "fixture.h"
#include "quality/model/identity.h"
#include "quality/report/soda.h"

namespace metl::quality::test {
namespace {

using Json = nlohmann::ordered_json;

class SodaResults : public ScanTest {
 protected:
  SodaScan about_{"Soda Core CLI", "db", "Soda Core 3.5.6", now_, now_, now_ + std::chrono::seconds(3725)};
};

TEST(ShortHash, IsBlake2b) {  // by Python's hashlib.blake2b(..., digest_size=4)
  EXPECT_EQ(short_hash(""), "1271cf25");
  EXPECT_EQ(short_hash("abc"), "63906248");
  EXPECT_EQ(short_hash(std::string(128, 'a')), "12cabd16");
  EXPECT_EQ(short_hash(std::string(129, 'a')), "55ada03e");
  EXPECT_EQ(short_hash(std::string(300, 'a')), "a5de59a0");
}

// By line and name. A group by itself is in neither file.
std::map<std::string, Json> by_name(const Json& checks) {
  std::map<std::string, Json> out;
  for (const auto& check : checks)
    out[check["location"]["line"].dump() + " " + check["name"].get<std::string>()] = check;
  return out;
}

TEST_F(SodaResults, ChecksAreThoseThatSodaCoreSaved) {
  const std::string folder = std::string(METL_SOURCE_DIR) + "/tests/unit/quality/cases/";
  const Json theirs = Json::parse(std::ifstream(folder + "64_console.results.json"));
  const Json ours = to_soda_json(scan({{folder + "64_console.yml"}, {}, now_, true}, data_), about_);
  std::vector<std::string> keys;
  for (const auto& [key, value] : ours.items()) keys.push_back(key);
  EXPECT_EQ(Json(keys), theirs["keys"]);

  const auto own = by_name(ours["checks"]);
  // The style of mappings is part of theirs; a setting that cannot be read is none of ours.
  const std::set<std::string> other_identity{"17 invalid_count(rating) = 0", "44 sch"};
  // And the order of settings; a list of attributes is one text here; its group is not a setting of a check.
  const std::set<std::string> other_text{"8 miss",
                                         "17 invalid_count(rating) = 0",
                                         "22 row_count warn when > 2 fail when > 3",
                                         "25 invalid_count(rating) != 0",
                                         "44 sch",
                                         "56 rows [2021-01-01]",
                                         "56 rows [2021-01-02]"};
  for (const auto& [name, check] : by_name(theirs["checks"])) {
    const auto found = own.find(name);
    ASSERT_NE(found, own.end()) << name;
    Json one = found->second;
    for (const auto* key :
         {"name", "type", "dataSource", "table", "column", "outcome", "source", "migratedIdentities"}) {
      EXPECT_EQ(one[key], check[key]) << name << " " << key;
    }
    EXPECT_EQ(one["location"]["col"], check["location"]["col"]) << name;
    for (const auto* key : {"value", "fail", "warn", "rowCount", "otherRowCount", "measure", "maxColumnTimestamp",
                            "maxColumnTimestampUtc", "nowVariableName", "nowTimestamp", "nowTimestampUtc", "freshness",
                            "valueLabel", "valueSeries", "preferredChart"}) {
      EXPECT_EQ(one["diagnostics"].value(key, Json()), check["diagnostics"].value(key, Json())) << name << " " << key;
    }
    EXPECT_EQ(one["identities"] == check["identities"] && one["identity"] == check["identity"],
              !other_identity.contains(name))
        << name;
    EXPECT_EQ(one["definition"] == check["definition"], !other_text.contains(name))
        << name << one["definition"] << check["definition"];
    EXPECT_EQ(one.value("group", Json())["name"], check.value("group", Json())["name"]);
    EXPECT_EQ(one.value("group", Json())["distinctLabel"], check.value("group", Json())["distinctLabel"]);
  }
  EXPECT_EQ(own.size(), by_name(theirs["checks"]).size());
}

TEST_F(SodaResults, MetricsQueriesAndLogs) {
  const ScanResult result =
      scan_check("  - missing_percent(ts) < 20:\n      filter: budget > 0\n  - row_count > 0\n  - min(nope) > 0");
  const Json json = to_soda_json(result, about_);
  EXPECT_EQ(json["dataTimestamp"], "2024-01-02T00:00:00+00:00");
  EXPECT_EQ(json["scanEndTimestamp"], "2024-01-02T01:02:05+00:00");
  EXPECT_EQ(json["checks"].size(), 2U) << "what was not evaluated is left out";
  const std::string hash = short_hash("filter: budget > 0\n");
  const std::string prefix = "metric-Soda Core CLI-db-movie_ratings_curated-";
  EXPECT_EQ(json["metrics"][0]["identity"], prefix + "ts-missing_percent-" + hash);
  EXPECT_EQ(json["metrics"][1]["identity"], prefix + "row_count-" + hash);
  EXPECT_EQ(json["metrics"][1]["value"], 2);
  EXPECT_EQ(json["metrics"][2]["metricName"], "missing_count");
  EXPECT_EQ(json["metrics"][3]["identity"], prefix + "row_count");
  EXPECT_EQ(json["metrics"][3]["value"], 4);
  EXPECT_EQ(json["checks"][1]["metrics"], Json::array({prefix + "row_count"}));
  ASSERT_EQ(json["queries"].size(), 1U);
  EXPECT_EQ(json["queries"][0]["name"], "1.db.movie_ratings_curated.aggregation[0]");
  EXPECT_TRUE(json["queries"][0]["exception"].is_null());
  EXPECT_TRUE(json["queries"][0]["duration"].get<std::string>().starts_with("0:00:0")) << json["queries"][0];
  ASSERT_EQ(json["logs"].size(), 2U);
  EXPECT_EQ(json["logs"][0]["level"], "error");
  EXPECT_EQ(json["logs"][0]["location"]["line"], 5);
  EXPECT_EQ(json["logs"][1]["message"], "Oops! 1 error. 0 failures. 0 warnings. 2 pass.");
}

// "failure" goes by the number of failures, as on the head of Soda Core's branch.
TEST(SodaVerdict, CountsAndPlurals) {
  const auto verdict = [](int pass, int warn, int fail, int none, int errors) {
    ScanResult result;
    for (const auto& [count, outcome] : {std::pair{pass, Outcome::kPass},
                                         {warn, Outcome::kWarn},
                                         {fail, Outcome::kFail},
                                         {none, Outcome::kNotEvaluated}}) {
      for (int i = 0; i < count; ++i) result.checks.emplace_back().outcome = outcome;
    }
    result.errors.resize(static_cast<size_t>(errors));
    return soda_verdict(result);
  };
  EXPECT_EQ(verdict(2, 0, 0, 0, 0), "All is good. No failures. No warnings. No errors.");
  EXPECT_EQ(verdict(2, 0, 0, 1, 0),
            "Apart from the checks that have not been evaluated, no failures, no warnings and no errors.");
  EXPECT_EQ(verdict(2, 1, 0, 0, 0), "Only 1 warning. 0 failures. 0 errors. 2 pass.");
  EXPECT_EQ(verdict(0, 1, 1, 0, 0), "Oops! 1 failure. 1 warning. 0 errors. 0 pass.");
  EXPECT_EQ(verdict(0, 2, 3, 0, 0), "Oops! 3 failures. 2 warnings. 0 errors. 0 pass.");
  EXPECT_EQ(verdict(0, 2, 1, 0, 1), "Oops! 1 error. 1 failure. 2 warnings. 0 pass.");
}

TEST_F(SodaResults, VerboseConsoleShowsQueriesAndPassedValues) {
  const std::string console =
      render_soda(scan_check("  - row_count > 0\n  - e > 0:\n      e expression: nope + 1"), about_, true);
  EXPECT_NE(console.find("[01:02:05] 2/3 queries ERROR\n"), std::string::npos) << console;
  EXPECT_NE(console.find("[01:02:05]   2.db.movie_ratings_curated.aggregation[1] [OK] 0:00:0"), std::string::npos)
      << console;
  EXPECT_NE(console.find("[01:02:05]       row_count > 0 [checks.yaml] [PASSED]\n[01:02:05]         check_value: 4\n"),
            std::string::npos)
      << console;
  EXPECT_NE(console.find("\nERRORS:\n[01:02:05] \"e > 0\" cannot be evaluated: Binder Error"), std::string::npos)
      << console;
  EXPECT_NE(console.find("\n  +-> line=3,col=5 in checks.yaml\n"), std::string::npos) << console;
}

}  // namespace
}  // namespace metl::quality::test

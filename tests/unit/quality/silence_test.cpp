// What once passed in silence, or was read in another way than Soda Core 3.5.6 reads it: outcome, value and exit code
// in strict and in compat mode. What the latter must be was seen by running the original.
#include <fmt/format.h>

#include "silence_fixture.h"

namespace metl::quality::test {
namespace {

TEST_F(Silence, NumbersInTextsAreMeasured) {
  expect(about_t("  - invalid_count(txt) = 1:\n      valid format: decimal\n      valid max: 3"), "fail 2: 2");
  expect(about_t("  - sum(txt) between 7 and 9:\n      valid format: decimal"), "pass 8: 0");
  expect(about_t("  - max(pct) <= 100:\n      valid format: percentage"), "fail 150: 2");
  expect(about_t("  - percentile(txt, 0.5) = 2.5:\n      valid format: positive decimal"), "pass 2.5: 0");
  expect(file("configurations for t:\n  valid format for txt: decimal comma\nchecks for t:\n  - avg(txt) = 2.75"),
         "pass 2.75: 0");
}

TEST_F(Silence, IncludeNullIsATruthOfYaml) {
  const std::string line = "  - invalid_count(s) = 0:\n      valid values: [a, b]\n      include null: ";
  for (const char* yes : {"true", "True", "TRUE"}) expect(about_t(line + yes), "fail 2: 2");
  for (const char* no : {"false", "False", "FALSE"}) expect(about_t(line + no), "fail 1: 2");
  for (const char* neither : {"yes", "on", "1", "tRue", "'true'", "~", ""})
    expect(about_t(line + neither), "none NULL: 3", "fail 1: 3");
  strict(about_t(line + "'true'"));
  EXPECT_NE(errors_of(last_).find("'include null' must be true or false, but is the text 'true'"), std::string::npos)
      << errors_of(last_);
}

TEST_F(Silence, ConfigurationsHoldForEveryFile) {
  const std::pair<std::string, std::string> settings{
      "conf.yml", "configurations for t:\n  valid values for s: [a]\n  missing values for s: ['']\n"};
  const std::pair<std::string, std::string> checks{
      "x.yml", "checks for t:\n  - invalid_count(s) = 1\n  - missing_count(s) = 2\n"};
  expect({settings, checks}, "pass 1, pass 2: 0");
  expect({checks, settings}, "pass 1, pass 2: 0");
  // The last word about a setting, and what others say about the column.
  const std::pair<std::string, std::string> more{"more.yml", "configurations for t:\n  valid values for s: [a, b]\n"};
  expect({settings, checks, more}, "fail 0, pass 2: 2");
}

TEST_F(Silence, ForbiddenNamesAreRegularExpressions) {
  const auto forbid = [](const std::string& pattern) {
    return about_t("  - schema:\n      fail:\n        when forbidden column present: ['" + pattern + "']");
  };
  for (const char* pattern : {"tx.*", "t.t", "^txt", "[a-z]+xt$", "t?xt", "t\\w+", "(pct|mon)$", "tx", "tx%", "(?i)TXT",
                              "(?!id)t", "zz|txt", "(?P<a>t)xt", "t++xt"})
    expect(forbid(pattern), "fail NULL: 2");
  for (const char* pattern : {"zz.*", "xt$x", "t$", "txt_", "(?<=x)txt"}) expect(forbid(pattern), "pass NULL: 0");
  // Of any case, and as people mean a wildcard: any text, also none.
  for (const char* pattern : {"TX.*", "%txt", "txt%"}) expect(forbid(pattern), "fail NULL: 2", "pass NULL: 0");
  expect(forbid("txt("), "none NULL: 3");
  EXPECT_NE(errors_of(last_).find("'txt(' is not a regular expression"), std::string::npos) << errors_of(last_);

  const auto group = [](const std::string& pattern) {
    return about_t(
        "  - group evolution:\n      query: select coalesce(s, 'pii') as s from t order by id\n      fail:\n"
        "        when forbidden group present: ['" +
        pattern + "']");
  };
  for (const char* pattern : {"p.i", "^pi+$", "[p]", "b|pii"}) expect(group(pattern), "fail NULL: 2");
  for (const char* pattern : {"pi$", "P.I"}) expect(group(pattern), "pass NULL: 0");
}

TEST_F(Silence, ALongSearchForANameEnds) {
  db_.query("create table hostile as select 1 as \"" + std::string(60, 'a') + "\"");
  const Files checks = file(
      "checks for hostile:\n  - schema:\n      fail:\n        when forbidden column present: "
      "['(?=x?)(a|a|aa)+\\1b']\n");
  EXPECT_EQ(strict(checks), "none NULL: 3") << errors_of(last_);
}

TEST_F(Silence, ListsOfDatasets) {
  const auto each = [](const std::string& datasets) {
    return file("for each dataset D:\n  datasets: [" + datasets + "]\n  checks:\n    - row_count > 100\n");
  };
  db_.query(
      "drop table movie_ratings_curated; drop table empty_t; drop table dim_movie; drop table ev; drop table big");
  expect(each("exclude dim%"), "fail 4, fail 4: 2");
  expect(each("exclude nothing%"), "fail 4, fail 4, fail 4: 2");
  expect(each("include db.t%"), "fail 4, fail 4: 2");
  expect(each("db.t"), "fail 4: 2");
  expect(each("t%, exclude db.t_b"), "fail 4: 2");
  expect(each("'\"t\"'"), ": 3");
  expect(each("other.t"), ": 3");
  expect(each("exclude %"), ": 3", ": 0");
  // A name that there is not is a slip, also beside one that there is.
  expect(each("t, t_c"), "fail 4: 3", "fail 4: 2");
  EXPECT_EQ(strict(file("discover datasets:\n  datasets: [exclude t%]\n")), ": 0");
  ASSERT_EQ(last_.survey.discovered.size(), 1U);
  EXPECT_EQ(last_.survey.discovered[0].dataset, "dim_x");
}

TEST_F(Silence, AnOwnQueryGivesItsLastValue) {
  const auto own = [](const std::string& query) { return about_t("  - mm > 3:\n      mm query: " + query); };
  expect(own("select 1 as lo, 9 as hi"), "pass 9: 0");
  expect(own("select 9, NULL"), "pass 9: 0");
  expect(own("select ' 4.5 '"), "pass 4.5: 0");
  expect(own("select true"), "fail 1: 2");
  for (const char* none : {"select NULL", "select id from t where id > 99", "select 'abc'", "select ''"}) {
    EXPECT_EQ(strict(own(none)).substr(0, 4), "none") << none;
    EXPECT_EQ(last_.soda_exit_code(), 3) << none;
    EXPECT_EQ(compat(own(none)).substr(0, 4), "none") << none;
    EXPECT_EQ(last_.soda_exit_code(), 3) << none;
  }
  // What stands first is the SQL's affair: NULLs first as in Spark, last as in DuckDB.
  expect(own("select s from (values ('5'), (NULL)) v(s) order by s"), "none NULL: 3", "pass 5: 0");
}

TEST_F(Silence, SqlOfTheChecksIsDuckdbsInCompatMode) {
  const auto rows = [](const std::string& condition) {
    return about_t("  - failed rows:\n      fail condition: " + condition);
  };
  expect(rows("concat(s, NULL) = 'a'"), "pass 0: 0", "fail 1: 2");
  expect(rows("regexp_replace(txt, '[0-9]', '') = ',5'"), "pass 0: 0", "fail 1: 2");
  expect(rows("datediff('day', date '2024-01-01', date '2024-02-01') > 20"), "fail 4: 2");
}

}  // namespace
}  // namespace metl::quality::test

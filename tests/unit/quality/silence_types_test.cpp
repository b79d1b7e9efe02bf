// See silence_test.cpp: columns and their types, numbers, names, variables and filters.
#include <fmt/format.h>

#include "fixture.h"
#include "quality/report/soda.h"
#include "silence_fixture.h"

namespace metl::quality::test {
namespace {

TEST_F(Silence, TypesOfASchemaCheck) {
  db_.query(
      "create table kinds as select 1 as id, 'a' as s, 1.5::double as x, true as b, date '2024-01-01' as day, [1] as "
      "li");
  const auto kind = [](const std::string& column, const std::string& type) {
    return file("checks for kinds:\n  - schema:\n      fail:\n        when wrong column type: {" + column + ": " +
                type + "}");
  };
  expect(kind("x", "double precision"), "pass NULL: 0");
  expect(kind("li", "'integer[]'"), "pass NULL: 0");
  expect(kind("s", "'integer[]'"), "fail NULL: 2");
  expect(kind("id", ""), "pass NULL: 0");
  expect(kind("id", "~"), "pass NULL: 0");
  expect(kind("nothing", ""), "fail NULL: 2");
  expect(kind("s", "character varying"), "pass NULL: 0");
  // A name that nobody knows is a slip here, and another type to Soda Core.
  for (const char* unknown : {"array", "list", "'[]'", "integr"})
    expect(kind("li", unknown), "none NULL: 3", "fail NULL: 2");
  expect(kind("id", "''"), "none NULL: 3", "pass NULL: 3");
  // Names that mean the same elsewhere; Soda Core knows those of the database only.
  for (const auto& [column, type] :
       {std::pair{"id", "int"}, {"s", "text"}, {"s", "string"}, {"x", "float64"}, {"li", "array<int>"}})
    expect(kind(column, type), "pass NULL: 0", "fail NULL: 2");
  expect(file("checks for kinds:\n  - schema:\n      fail:\n        when mismatching columns: {id: integer, s: , x: , "
              "b: , day: date, li: }"),
         "pass NULL: 0");
}

TEST_F(Silence, OptionalColumnsAreThoseOfAList) {
  const auto rules = [](const std::string& text) { return about_t("  - schema:\n      fail: {" + text + "}"); };
  expect(rules("when required column missing: [id], with optional columns: [zz]"), "none NULL: 3", "pass NULL: 3");
  expect(rules("with optional columns: [id]"), "none NULL: 3", "pass NULL: 3");
  EXPECT_NE(errors_of(last_).find("'with optional columns' does nothing alone"), std::string::npos) << errors_of(last_);
}

TEST_F(Silence, WholeNumbersAreComparedExactly) {
  const auto big = [](const std::string& line) { return file("checks for big:\n  - " + line); };
  expect(big("max(n) = 9007199254740992"), "fail 9007199254740993: 2");
  expect(big("max(n) <= 9007199254740992"), "fail 9007199254740993: 2");
  expect(big("max(n) not between 1 and 9007199254740992"), "pass 9007199254740993: 0");
  expect(big("sum(n) = 9007199254740996"), "pass 9007199254740996: 0");
  expect(big("own > 9007199254740995:\n      own expression: sum(n)"), "pass 9007199254740996: 0",
         "fail 9007199254740996: 2");
  expect(big("percentile(n, 0.9) > 9007199254740992.5"), "pass 9007199254740993: 0");
  // Soda Core's thresholds are real numbers, and so are the values of its queries.
  expect(big("max(n) = 9007199254740993"), "pass 9007199254740993: 0", "fail 9007199254740993: 2");
  expect(big("own = 9007199254740993:\n      own query: select max(n) from big"), "pass 9007199254740993: 0",
         "pass 9007199254740992: 0");
  expect(big("max(n):\n      warn: when > 9007199254740992\n      fail: when > 1e300"), "warn 9007199254740993: 1");
  expect(file("checks for big:\n  - group by:\n      query: select 1 as g, max(n) as m from big\n      fields: [g]\n   "
              "   checks:\n"
              "        - m <= 9007199254740992:\n            name: m"),
         "fail NULL, fail 9007199254740993: 2");
}

TEST_F(Silence, FiltersAreNamedWithBracketsOrWithout) {
  for (const char* name : {"[daily]", "daily", "\"daily\"", "`daily`"}) {
    expect(file(fmt::format("filter t {0}:\n  where: id < 3\nchecks for t {0}:\n  - row_count = 2\n"
                            "checks for t_b:\n  - row_count > 1",
                            name)),
           "pass 2, pass 4: 0");
  }
  expect(file("filter t daily:\n  where: id < 3\nchecks for t_b:\n  - row_count same as t daily"), "fail 2: 2");
  expect(file("configurations for t [daily]:\n  valid min for id: 2\nchecks for t:\n  - row_count = 4"), "pass 4: 3");
}

TEST_F(Silence, VariablesOfFilesAndOfTheCommandLine) {
  variables_ = {{"n", "3"}};
  expect(file("variables:\n  n: '4'\nchecks for t:\n  - row_count = ${n}"), "fail 4: 2", "pass 4: 0");
  variables_ = {};
  const std::string checks = "checks for t:\n  - row_count = ${n}\n";
  expect({{"a.yml", "variables:\n  n: '3'\n" + checks}, {"b.yml", "variables:\n  n: '4'\n" + checks}},
         "fail 4, pass 4: 2", "pass 4, pass 4: 0");
  EXPECT_EQ(last_.checks[0].name, "row_count = 4");
  // Headers are read where they stand.
  const std::string header = "checks for ${d}:\n  - row_count > 1:\n      name: of ${d}\n";
  expect({{"a.yml", "variables:\n  d: t\n" + header}, {"b.yml", "variables:\n  d: dim_x\n" + header}},
         "pass 4, pass 4: 0");
  EXPECT_EQ(last_.checks[0].dataset, "t");
  // Settings that a file gives for all are filled in by that file.
  const Files shared{{"a.yml", "checks for t:\n  - invalid_count(s) = 2\n"},
                     {"b.yml", "variables:\n  v: a\nconfigurations for t:\n  valid values for s: ['${v}']\n"}};
  expect(shared, "pass 2: 0");
}

TEST_F(Silence, FiltersOfOneNameInTwoFiles) {
  const std::string checks = "checks for t [part]:\n  - row_count = 1\n  - duplicate_count(id) = 0\n";
  expect({{"a.yml", "filter t [part]:\n  where: id < 2\n" + checks},
          {"b.yml", "filter t [part]:\n  where: id < 100\nchecks for t [part]:\n  - min(id) = 1\n"}},
         "pass 1, pass 0, pass 1: 0", "fail 4, pass 0, pass 1: 2");
}

TEST_F(Silence, TruthsInLists) {
  const auto values = [](const std::string& setting, const std::string& column) {
    return about_t(fmt::format("  - {}({}) = 1:\n      {}",
                               setting.starts_with("missing") ? "missing_count" : "invalid_count", column, setting));
  };
  expect(values("valid values: [true]", "b"), "pass 1: 0");
  expect(values("valid values: [True, FALSE]", "b"), "fail 0: 2");
  expect(values("invalid values: [False]", "b"), "pass 1: 0");
  expect(values("valid values: [true, 2, 3]", "id"), "fail 0: 2");
  expect(values("valid values: [true, a]", "s"), "none NULL: 3", "fail 0: 3");
  expect(values("valid values: [a, b, '', null]", "s"), "none NULL: 3", "fail 0: 3");
  db_.query("create table words as select unnest(['true', 'True', 'x']) as w");
  expect(file("checks for words:\n  - missing_count(w) = 1:\n      missing values: [True]"), "pass 1: 0");
  expect(file("checks for words:\n  - missing_count(w) = 1:\n      missing values: ['True']"), "pass 1: 0");
}

TEST_F(Silence, AnEmptyNameIsNone) {
  for (const char* name : {"''", "", "~"}) {
    expect(about_t(fmt::format("  - row_count > 0:\n      name: {}", name)), "pass 4: 0");
    EXPECT_EQ(last_.checks[0].name, "row_count > 0");
  }
}

TEST_F(Silence, GroupsAreNotComparedWithEarlierScans) {
  const auto group = [](const std::string& line) {
    return about_t(
        "  - group by:\n      query: select id, count(*) as n from t group by id order by id\n      fields: [id]\n"
        "      checks:\n        - " +
        line + ":\n            name: c\n        - n > 1:\n            name: plain");
  };
  for (const char* line : {"anomaly detection for n", "anomaly score for n < default"})
    expect(group(line), "none NULL: 3", "fail NULL, fail 1, fail 1, pass 2: 3");
  for (const char* line :
       {"change for n < 5", "change avg last 7 for n < 5", "change same day last week percent for n < 5"})
    expect(group(line), "none NULL: 3");
  EXPECT_NE(errors_of(last_).find("in a group by, whose groups are not compared with earlier scans"), std::string::npos)
      << errors_of(last_);
}

// As Soda Core wrote it for these columns, whose types have Spark's names here.
TEST_F(Silence, SchemaDiagnosticsOfTheResultsFile) {
  db_.query("create table six as select 1 as id, 'a' as txt, 'b' as s, 'c' as pct, 'd' as mon, 'e' as ssn_no");
  strict(
      file("checks for six:\n  - schema:\n      warn:\n        when forbidden column present: ['s%x', mon]\n"
           "        when wrong column index: {txt: 0, s: 9}\n      fail:\n        when required column missing: [zz]\n"
           "        when wrong column type: {id: bigint, txt: varchar, s: integer}\n"));
  const auto json = to_soda_json(last_, {"", "db", "", {}, {}, {}})["checks"][0]["diagnostics"];
  EXPECT_EQ(
      json["blocks"][1]["text"],
      "Column,Event,Details\nid,:icon-fail: Type Mismatch, Expected Type: bigint; Actual Type: int\n"
      "s,:icon-fail: Type Mismatch, Expected Type: int; Actual Type: string\n"
      "zz,:icon-fail: Required Column Missing, \ntxt,:icon-warn: Index Mismatch, Expected Index: 0; Actual Index: 1\n"
      "s,:icon-warn: Index Mismatch, Expected Index: 9; Actual Index: 2\nmon,:icon-warn: Forbidden Column Present, ");
  const auto wanted = nlohmann::ordered_json::parse(R"json({
    "column_additions": [], "column_deletions": [], "column_index_changes": {},
    "column_index_mismatches": {"txt": {"expected_index": 0, "actual_index": 1, "column_on_expected_index": "id"},
                                "s": {"expected_index": 9, "actual_index": 2, "column_on_expected_index": null}},
    "column_type_changes": {},
    "column_type_mismatches": {"id": {"expected_type": "bigint", "actual_type": "int"},
                               "s": {"expected_type": "int", "actual_type": "string"}},
    "missing_column_names": ["zz"], "present_column_names": ["mon"], "preferredChart": "bars",
    "valueLabel": "6 schema event(s)",
    "valueSeries": {
    "values" : [
      {"label" : "fail", "value" : 3, "outcome" : "fail"}, {"label" : "warn", "value" : 3, "outcome" : "warn"},
      {"label" : "pass", "value" : 0, "outcome" : "pass"}
    ]}
})json");
  for (const auto& [key, value] : wanted.items()) EXPECT_EQ(json[key], value) << key;
}

}  // namespace
}  // namespace metl::quality::test

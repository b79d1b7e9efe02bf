// Whole scans that compare columns and groups with earlier ones.
#include "history_fixture.h"

namespace metl::quality::test {
namespace {

TEST_F(HistoryTest, SchemaChanges) {
  const std::string checks = R"(
checks for v:
  - schema:
      warn: {when schema changes: [column add]}
      fail: {when schema changes: [column delete, column type change, column index change]}
  - schema:
      fail: {when schema changes: any}
  - schema:
      fail:
        when schema changes: [column type change]
        when required column missing: [gone]
)";
  const auto scan_table = [&](int day, const std::string& columns) {
    db_.query("create or replace table v as select " + columns);
    return scan_on(day, checks);
  };
  const ScanResult first = scan_table(0, "1 as a, 'x' as b");
  EXPECT_EQ(outcome_line(first), "warming up, warming up, fail NULL") << "what can be judged is";
  EXPECT_EQ(diagnostics(first.checks[0]), "schema_measured [a int, b string]; warming_up 0 of 1 earlier measurements");
  EXPECT_EQ(first.notices.size(), 3U);
  EXPECT_EQ(outcome_line(scan_table(1, "1 as A, 'x' as b, 1 as c")), "warn NULL, fail NULL, fail NULL");
  const ScanResult third = scan_table(2, "'x' as b, 1 as d, 1::bigint as a");
  EXPECT_EQ(outcome_line(third), "fail NULL, fail NULL, fail NULL");
  EXPECT_EQ(
      diagnostics(third.checks[0]),
      "fail_column_type_change[a] new_type(bigint) previous_type(int); fail_column_deletions [c]; "
      "fail_column_index_changes [b[1->0], a[0->2]]; warn_column_additions [d]; schema_measured [b string, d int, a "
      "bigint]");
  EXPECT_EQ(diagnostics(third.checks[2]),
            "fail_missing_column_names [gone]; fail_column_type_change[a] new_type(bigint) previous_type(int); "
            "schema_measured [b string, d int, a bigint]");
  EXPECT_EQ(outcome_line(scan_table(3, "'y' as b, 2 as d, 3::bigint as a")), "pass NULL, pass NULL, fail NULL");
  const auto error = [&](const std::string& rule) {
    return errors_of(scan_on(4, "checks for v:\n  - schema:\n      fail:\n        when schema changes: " + rule));
  };
  EXPECT_EQ(
      error("[column adds]"),
      "checks.yaml:4:31: 'column adds' is not a change that 'when schema changes' knows. Did you mean 'column add'? It "
      "knows: column add, column delete, column type change, column index change\n");
  EXPECT_EQ(
      error("all"),
      "checks.yaml:4:30: 'when schema changes' must be 'any' or a list of: column add, column delete, column type "
      "change, column index change\n");
}

TEST_F(HistoryTest, GroupEvolution) {
  const std::string checks = R"(
checks for dim_movie:
  - group evolution:
      query: select g, count(*) from groups_t group by g order by g
      warn: {when groups change: [group add]}
      fail: {when groups change: [group delete]}
  - group evolution:
      name: Countries
      query: select h, g from groups_t order by g
      fields: [g, h]
      fail: {when groups change: any}
  - group evolution:
      query: select g from groups_t order by g
      warn: {when forbidden group present: ['te%']}
      fail: {when required group missing: [NL, '${country}']}
)";
  variables_["country"] = "BE";
  const auto scan_groups = [&](int day, const std::string& groups) {
    db_.query("create or replace table groups_t as select * from (values " + groups + ") v(g, h)");
    return scan_on(day, checks);
  };
  const ScanResult first = scan_groups(0, "('NL', 1), (null, null)");
  EXPECT_EQ(outcome_line(first), "warming up, warming up, fail NULL") << errors_of(first);
  EXPECT_EQ(first.checks[0].name, "Group Evolution Check");
  EXPECT_EQ(diagnostics(first.checks[2]), "fail_missing_groups [BE]; groups_measured [NL]");
  const ScanResult second = scan_groups(1, "('NL', 1), ('BE', 2), ('test_1', null)");
  EXPECT_EQ(outcome_line(second), "warn NULL, fail NULL, warn NULL") << "additions count";
  EXPECT_EQ(diagnostics(second.checks[0]), "warn_group_additions [BE, test_1]; groups_measured [BE, NL, test_1]");
  EXPECT_EQ(diagnostics(second.checks[1]),
            "fail_group_additions [BE,2, test_1,None]; groups_measured [BE,2, NL,1, test_1,None]");
  EXPECT_EQ(diagnostics(second.checks[2]), "warn_forbidden_groups [test_1]; groups_measured [BE, NL, test_1]");
  const ScanResult third = scan_groups(2, "('NL', 1), ('BE', 3)");
  EXPECT_EQ(outcome_line(third), "fail NULL, fail NULL, pass NULL") << "deletions are no additions";
  EXPECT_EQ(diagnostics(third.checks[0]), "fail_group_deletions [test_1]; groups_measured [BE, NL]");
  EXPECT_NE(render_text(third, false).find("FAILED  Group Evolution Check.  fail_group_deletions [test_1]   checks"),
            std::string::npos);
  EXPECT_EQ(outcome_line(scan_groups(3, "('BE', 3), ('NL', 1)")), "pass NULL, pass NULL, pass NULL");
}

TEST_F(HistoryTest, GroupEvolutionSaysWhatIsWrongWithIt) {
  const auto error = [&](const std::string& settings) {
    return errors_of(scan_on(0, "checks for dim_movie:\n  - group evolution:\n      " + settings));
  };
  EXPECT_EQ(error("query: select 1"),
            "checks.yaml:2:5: 'group evolution' needs 'query', and rules under 'warn' or 'fail', as in 'fail: {when "
            "groups change: any}'\n");
  EXPECT_EQ(error("query: select 1\n      fail: {when groups changed: any}"),
            "checks.yaml:4:14: 'when groups changed' is not a rule of a group evolution. Did you mean 'when groups "
            "change'?\n");
  EXPECT_EQ(error("query: select 1\n      fail: {when required group missing: NL}"),
            "checks.yaml:4:43: 'when required group missing' must be a list of groups, as in 'when required group "
            "missing: [NL, BE]'\n");
  EXPECT_EQ(error("query: select 1 as g\n      fields: [h]\n      fail: {when groups change: any}"),
            "checks.yaml:2:5: \"Group Evolution Check\" cannot be evaluated: its query has no column 'h'. Did you mean "
            "'g'?\n");
  EXPECT_EQ(error("query: select * from range(1001)\n      fail: {when groups change: any}"),
            "checks.yaml:2:5: \"Group Evolution Check\" cannot be evaluated: its query gives more than 1000 groups\n");
}

TEST_F(HistoryTest, AutomatedMonitoringChecksRowsAndSchema) {
  const std::string text = "automated monitoring:\n  datasets:\n    - include dim%\n    - ev\n    - exclude empty%\n";
  const ScanResult first = scan_on(0, text);
  EXPECT_EQ(errors_of(first), "");
  EXPECT_EQ(outcome_line(first), "warming up, warming up, warming up, warming up");
  EXPECT_EQ(first.checks[0].dataset, "dim_movie");
  EXPECT_EQ(first.checks[0].name, "anomaly score for row_count < default");
  EXPECT_EQ(first.checks[1].name, "Schema Check");
  EXPECT_EQ(to_text(first.checks[3].location), "checks.yaml:1:1");
  db_.query("alter table dim_movie add column name varchar");
  db_.query("alter table ev drop column d");
  for (int day = 1; day < 7; ++day) scan_on(day, text, false);
  EXPECT_EQ(outcome_line(scan_on(7, text)), "warming up, warn NULL, warming up, fail NULL");
  EXPECT_EQ(errors_of(scan_on(7, "automated monitoring:\n  datasets: [none%]")),
            "checks.yaml:1:1: 'automated monitoring' matches no dataset: nothing would be checked\n");
  EXPECT_EQ(errors_of(scan_on(7, "automated monitoring:\n  dataset: [none%]")).substr(0, 99),
            "checks.yaml:2:3: 'dataset' is not a setting of 'automated monitoring'. Did you mean 'datasets'?\n");
}

}  // namespace
}  // namespace metl::quality::test

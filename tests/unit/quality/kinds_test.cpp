// Checks of each kind over small tables: metrics of one's own, failed rows, references, groups, schemas, freshness.
#include "fixture.h"

namespace metl::quality::test {
namespace {

TEST_F(ScanTest, MetricsOfOnesOwnAndFailedRows) {
  const ScanResult result = scan_text(R"(
checks for movie_ratings_curated:
  - budget_per_row between 26 and 27:
      budget_per_row expression: sum(budget) / count(*)
  - titles = 2:
      titles query: select count(distinct original_title) from movie_ratings_curated;
  - from_file = 2:
      from_file sql_file: nowhere.sql
  - failed rows:
      samples limit: 5
      fail condition: |
        budget < 0 -- a comment
  - failed rows:
      fail query: select * from dim_movie
      warn: when > 1
checks:
  - failed rows:
      name: of no dataset
      fail query: select 1 where false
)");
  EXPECT_EQ(errors_of(result),
            "checks.yaml:8:27: the SQL file nowhere.sql cannot be read; it is looked for beside the checks file\n");
  EXPECT_EQ(outcomes(result), (Outcomes{"pass 26.5", "pass 2", "none NULL", "fail 1", "warn 2", "pass 0"}));
  EXPECT_EQ(result.checks[3].samples_limit, 5);
  EXPECT_EQ(db_.query(result.checks[3].failing_rows).rows.size(), 1U);
  EXPECT_EQ(db_.query(result.checks[4].failing_rows).rows.size(), 2U);
}

TEST_F(ScanTest, FailingRowsOfAMetricComeFromAQueryOrAFileOfOnesOwn) {
  const ChecksFile file(R"(
checks for movie_ratings_curated:
  - debts = 0:
      debts sql_file: debts.sql
      failed rows sql_file: rows.sql
  - debts = 0:
      debts query: select 1
      failed rows query: select budget from movie_ratings_curated where budget < ${LEAST};
  - debts = 0:
      debts query: select 1
      failed rows sql_file: no_such.sql
)");
  std::ofstream(file.folder() + "/debts.sql") << "select count(*) from movie_ratings_curated where budget < ${LEAST}";
  std::ofstream(file.folder() + "/rows.sql") << "select movie_id from movie_ratings_curated where budget < ${LEAST}\n"
                                                "-- which one it is\n";
  const ScanResult result = scan({{file.path()}, {{"LEAST", "0"}}, now_, false}, data_);
  EXPECT_EQ(outcomes(result), (Outcomes{"fail 1", "fail 1", "none NULL"}));
  EXPECT_EQ(errors_of(result),
            file.path() + ":11:29: the SQL file no_such.sql cannot be read; it is looked for beside the checks file\n");
  for (const auto& [check, column, value] : {std::tuple{0, "movie_id", "2"}, {1, "budget", "-1"}}) {
    const Rows rows = db_.query(result.checks[check].failing_rows);
    ASSERT_EQ(rows.rows.size(), 1U);
    EXPECT_EQ(rows.columns[0].name, column);
    EXPECT_EQ(to_text(rows.rows[0][0]), value);
  }
}

TEST_F(ScanTest, ReferencesAndRowCounts) {
  db_.query("insert into dim_movie values (1)");  // a key twice in the target counts no row twice
  const ScanResult result = scan_text(R"(
filter movie_ratings_curated [first]:
  where: run_date = '2021-01-01'
checks for movie_ratings_curated [first]:
  - values in (movie_id) must exist in dim_movie (id)
  - values in (movie_id) must not exist in dim_movie (id)
  - row_count same as dim_movie
checks for dim_movie:
  - row_count same as movie_ratings_curated
  - values in (id) must exist in movie_ratings_curated (movie_id)
)");
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(outcomes(result), (Outcomes{"pass 0", "fail 3", "pass 0", "fail -1", "pass 0"}));
  EXPECT_EQ(db_.query(result.checks[1].failing_rows).rows.size(), 3U);
}

TEST_F(ScanTest, RowCountsOfAnotherDataSource) {
  db_.query("create table \"other.dim_movie\" as select * from range(4)");
  const ScanResult result = scan_check(
      "  - row_count same as dim_movie in other\n  - row_count same as dim_movie in db\n  - row_count same as ev in "
      "other");
  EXPECT_EQ(outcomes(result), (Outcomes{"pass 0", "fail 2", "none NULL"}));
  EXPECT_EQ(errors_of(result), "checks.yaml:4:5: there is no dataset 'other.ev'.\n");
}

TEST_F(ScanTest, GroupsHaveResultsOfTheirOwn) {
  const std::string query = R"(
  - group by:
      name: titles
      group_limit: LIMIT
      query: select original_title, avg(rating) as r, count(*) as n from movie_ratings_curated group by all order by 1
      fields: [original_title]
      checks:
        - r:
            warn: when > 4.3
            fail: when > 9
            name: rating of
        - n < 2:
            name: rows of)";
  const ScanResult result = scan_check(text::replace_all(query, "LIMIT", "3"));
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(outcomes(result), (Outcomes{"fail NULL", "pass 2", "pass 1", "warn 4.5", "pass 1", "pass 4.25", "fail 2"}));
  EXPECT_EQ(result.checks[1].name, "rating of [None]");
  EXPECT_EQ(result.checks[6].name, "rows of [B]");
  EXPECT_EQ(
      errors_of(scan_check(text::replace_all(query, "LIMIT", "2"))),
      "checks.yaml:3:5: \"titles\" cannot be evaluated: there are more than 2 groups: raise 'group_limit', or group by "
      "less\n");
  const ScanResult typo = scan_check(text::replace_all(text::replace_all(query, "LIMIT", "3"), "- n <", "- nn <"));
  EXPECT_EQ(errors_of(typo),
            "checks.yaml:3:5: \"titles\" cannot be evaluated: its query has no column 'nn'. Did you mean 'n'?\n");
  EXPECT_EQ(outcomes(typo), Outcomes{"none NULL"});
}

TEST_F(ScanTest, SchemaComparesStructureAndNamesDifferences) {
  db_.query("create table nested as select 1::bigint as id, [{'id': 1::bigint, 'name': 'x'}] as genres");
  const ScanResult result = scan_text(R"(
checks for nested:
  - schema:
      fail:
        when wrong column type:
          genres: 'ARRAY<STRUCT<ID: BIGINT, name STRING>>'
          id: int
      warn:
        when forbidden column present: [gen*]
        when wrong column index: {genres: 0}
  - schema:
      fail:
        when mismatching columns: {id: long, name: string, other: string}
        with optional columns: [other]
)");
  EXPECT_EQ(errors_of(result), "");
  ASSERT_EQ(outcomes(result), (Outcomes{"fail NULL", "fail NULL"}));
  using Diagnostics = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(result.checks[0].diagnostics,
            (Diagnostics{{"fail_column_type_mismatch[id]", "expected(int) actual(bigint)"},
                         {"warn_forbidden_present_column_names", "[genres]"},
                         {"warn_column_index_mismatch[genres]", "expected(0) actual(1)"},
                         {"schema_measured", "[id bigint, genres array<struct<id:bigint,name:string>>]"}}));
  EXPECT_EQ(result.checks[1].diagnostics,
            (Diagnostics{{"fail_missing_column_names", "[name]"},
                         {"fail_forbidden_present_column_names", "[genres]"},
                         {"schema_measured", "[id bigint, genres array<struct<id:bigint,name:string>>]"}}));
}

TEST_F(ScanTest, FreshnessOfDaysAndTimes) {
  const ScanResult result = scan_text(R"(
variables: {NOON: "2024-01-02 12:00:00", EAST: "2024-01-03T00:00:00+02:00"}
checks for ev:
  - freshness(ts) < 1d
  - freshness(d) < 1m
  - freshness(ts, NOON) < 36h
  - freshness(ts, NOON):
      warn: when > 1h
      fail: when > 2d
  - freshness(ts, EAST) < 45h
  - freshness(ts) < 1d:
      filter: ts is null
)");
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(outcomes(result),
            (Outcomes{"pass 86400000", "pass 0", "pass 129600000", "warn 129600000", "fail 165600000", "fail 0"}));
  EXPECT_EQ(result.checks[4].diagnostics.back(), (std::pair<std::string, std::string>{"freshness", "1 day, 22:00:00"}));
}

}  // namespace
}  // namespace metl::quality::test

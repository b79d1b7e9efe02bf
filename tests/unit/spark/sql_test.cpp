// SQL for Spark: quoting, orders, users' SQL confined, and what a plan tells.
#include "engine/spark/sql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "engine/spark/stage.h"

namespace metl::engine {
namespace {

using testing::HasSubstr;

Schema columns(const std::vector<std::pair<std::string, std::string>>& names_and_types) {
  Schema out;
  for (const auto& [name, type] : names_and_types) out.push_back({name, *parse_type(type), true, {}});
  return out;
}

TEST(SparkSql, Quotes) {
  EXPECT_EQ(spark_sql::identifier("a`b"), "`a``b`");
  EXPECT_EQ(spark_sql::literal(R"(it's \d)"), R"('it\'s \\d')");
  EXPECT_EQ(spark_sql::columns_text(columns({{"a", "bigint"}, {"b", "array<struct<x:int,y:map<string,date>>>"}})),
            "`a` bigint, `b` array<struct<`x`:int,`y`:map<string,date>>>");
}

TEST(SparkSql, PortableTextsMeanThemselves) {
  EXPECT_EQ(spark_sql::from_portable(R"(SELECT "a b", `c`, '\d', 'it''s' -- "x" '\')"),
            R"(SELECT `a b`, `c`, '\\d', 'it\'s' -- "x" '\')");
  EXPECT_EQ(spark_sql::from_portable("'', '''', 'a' || 'b'"), R"('', '\'', 'a' || 'b')");
  EXPECT_EQ(spark_sql::from_portable("SELECT 'it''"), "SELECT 'it''") << "what does not end is Spark's to refuse";
}

TEST(SparkSql, AveragesAreDoubles) {
  const auto spark = spark_sql::from_portable;
  EXPECT_EQ(spark("SELECT avg(a), sum(a) FROM t"), "SELECT avg((a) * 1D), sum(a) FROM t");
  EXPECT_EQ(spark("AVG( DISTINCT a ) OVER (w)"), "AVG( DISTINCT( a ) * 1D) OVER (w)");
  EXPECT_EQ(spark("mean(a + (avg (b)) OVER ())"), "mean((a + (avg ((b) * 1D)) OVER ()) * 1D)");
  EXPECT_EQ(spark("SELECT avg, 'avg(a)' -- avg(a)"), "SELECT avg, 'avg(a)' -- avg(a)");
  EXPECT_EQ(spark("SELECT a) FROM t"), "SELECT a) FROM t") << "brackets that do not pair up are Spark's to refuse";
  const std::map<std::string, std::string> views{{"a.b", "`a__b`"}};
  EXPECT_THAT(spark_sql::confined("SELECT avg((SELECT 1.0 FROM a.b)) FROM a.b", views),
              HasSubstr("avg(((SELECT 1.0 FROM `a__b`)) * 1D) FROM `a__b`"));
}

TEST(SparkSql, OrdersNestedValuesAsTheEmbeddedEngine) {
  const auto key = [](const char* type) { return spark_sql::sort_key("c", *parse_type(type)); };
  EXPECT_EQ(key("bigint"), "c");
  EXPECT_EQ(key("array<int>"), "transform(c, e -> struct(e IS NULL, e))");
  EXPECT_EQ(key("struct<a:int>"), "CASE WHEN c IS NOT NULL THEN struct(c.`a` IS NULL, c.`a`) END");
  EXPECT_EQ(key("map<string,int>"), "transform(map_entries(c), e -> struct(e.key, e.value IS NULL, e.value))");
}

TEST(SparkSql, UsersLinesKeepTheirNumbers) {
  const std::string sql = spark_sql::with_source("SELECT 1", "*", "SELECT\n  wrong\nFROM source");
  EXPECT_EQ(std::count(sql.begin(), sql.begin() + static_cast<std::ptrdiff_t>(sql.find("wrong")), '\n'), 1);
}

TEST(SparkSql, TheUsersPartIsKnown) {
  const std::string sql = spark_sql::with_source("SELECT 1", "a", "SELECT 2");
  const auto [begin, end] = spark_sql::users_part(sql);
  EXPECT_EQ(sql.substr(begin, end - begin), "SELECT 2");
  EXPECT_EQ(spark_sql::users_part("SELECT 3"), std::pair(size_t{0}, size_t{8}));
}

TEST(SparkSql, ConfinedSqlIsAQueryOfViews) {
  const std::map<std::string, std::string> views{{"marts.films", "`marts__films`"}};
  EXPECT_EQ(spark_sql::confined("SELECT Films.a FROM Marts.\"Films\" -- marts.films\nWHERE b = 'marts.films'", views),
            "SELECT * FROM (\nSELECT Films.a FROM `marts__films` -- marts.films\nWHERE b = 'marts.films'\n) AS "
            "metl_query");
  EXPECT_THAT(spark_sql::confined("SELECT x.films FROM marts . films", views),
              HasSubstr("x.films FROM `marts__films`"));
}

TEST(SparkSql, ConfinedSqlRunsNoPrograms) {
  for (const char* sql : {"SELECT reflect('java.lang.System', 'exit')", "SELECT `java_method` ('a', 'b')",
                          "SELECT TRY_REFLECT/**/('a', 'b')", "SELECT TRANSFORM(a) USING 'cat' FROM t"}) {
    EXPECT_THROW(spark_sql::confined(sql, {}), Error) << sql;
  }
  for (const char* sql : {"SELECT reflect FROM t", "SELECT 'reflect(1)'", "SELECT * FROM a JOIN b USING (k)",
                          "SELECT transform(a, x -> x + 1) FROM t -- USING 'cat'"}) {
    EXPECT_NO_THROW(spark_sql::confined(sql, {})) << sql;
  }
}

std::string plan(const std::string& tree) {
  return "== Analyzed Logical Plan ==\na: bigint\nWindow\n\n== Optimized Logical Plan ==\n" + tree +
         "\n\n== Physical Plan ==\n*(1) Sort\n";
}

TEST(Shape, IsReadOffThePlan) {
  const Shape rows = shape_of(plan("Project [a#1, upper(b#2) AS b#3]\n+- Relation [a#1,b#2] parquet"));
  EXPECT_TRUE(rows.row_wise && rows.keeps_rows);
  const Shape some = shape_of(plan("Project [a#1]\n+- Filter (a#1 > 1)\n   +- Relation [a#1] parquet"));
  EXPECT_TRUE(some.row_wise && !some.keeps_rows && some.at_most_one);
  const Shape more = shape_of(plan("Generate explode(a#1)\n+- Relation [a#1] parquet"));
  EXPECT_TRUE(more.row_wise && !more.keeps_rows && !more.at_most_one);
  for (const char* tree : {"Aggregate [a#1], [a#1]\n+- Relation [a#1] parquet",
                           "Join Inner\n:- Relation [a#1] parquet\n+- Relation [b#2] parquet",
                           "Union\n:- Relation [a#1] parquet\n+- Relation [b#2] parquet", "LocalRelation [a#1]"}) {
    EXPECT_FALSE(shape_of(plan(tree)).row_wise) << tree;
  }
  EXPECT_FALSE(shape_of("a plan of another server").row_wise);
}

TEST(Stage, OneShuffleOneOrder) {
  StageRequest request{.sources = {{"/a.parquet", 300, 6'000'000, {}, {}}},
                       .source_columns = columns({{"k", "bigint"}, {"t", "bigint"}, {"v", "array<int>"}}),
                       .dedupe = Dedupe{{"k"}, {"t"}},
                       .select = "SELECT * FROM source",
                       .target_columns = columns({{"k", "bigint"}}),
                       .write = {.folder = "/out", .name_prefix = "p", .cluster_by = {"k"}, .target_bytes = 1000}};
  EXPECT_EQ(task_count(request), 3);
  EXPECT_EQ(deduplicated(request, "raw", 3),
            "SELECT `k`, `t`, `v` FROM (SELECT `k`, `t`, `v`, row_number() OVER (PARTITION BY `k` ORDER BY `t` ASC "
            "NULLS FIRST, transform(`v`, e -> struct(e IS NULL, e)) ASC NULLS FIRST) AS metl_place FROM (SELECT /*+ "
            "REPARTITION(3, `k`) */ `k`, `t`, `v` FROM raw) AS metl_events) AS metl_ranked WHERE metl_place = 1");
  EXPECT_EQ(target_sql(request, "X", columns({{"k", "int"}}), true),
            "WITH source AS (X) SELECT CAST(`k` AS bigint) AS `k` FROM (/* the transform */SELECT * FROM source\n) AS "
            "metl_target SORT BY `k`");
  EXPECT_THAT(target_sql(request, "X", {}, false), HasSubstr("SELECT /*+ REBALANCE */ CAST("));
  EXPECT_THAT(target_sql(request, "X", columns({{"K", "bigint"}}), true), HasSubstr("SELECT `k` AS `k` FROM"));
}

}  // namespace
}  // namespace metl::engine

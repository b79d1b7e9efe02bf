// Files that store the declared columns alike are read together, as what they store, and cast.
#include "engine/spark/day_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace metl::engine {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Field column(const std::string& name, const std::string& type) { return {name, *parse_type(type), true, {}}; }

SourceFile file(const std::string& path, const Schema& schema, std::vector<Stored> stored) {
  return {path, 100, 1, schema, std::move(stored)};
}

StageRequest request(const Schema& declared, std::vector<SourceFile> sources) {
  return {.sources = std::move(sources),
          .source_columns = declared,
          .dedupe = std::nullopt,
          .select = "SELECT * FROM source",
          .target_columns = declared,
          .write = {.folder = "/out", .name_prefix = "p", .cluster_by = {}}};
}

TEST(DayFiles, AreReadAsTheyAreWhereTheyStoreWhatIsDeclared) {
  const auto kinds = alike_files(
      request({column("k", "bigint")},
              {file("/a", {column("other", "int"), column("K", "bigint")}, {{"other", "INTEGER"}, {"K", "BIGINT"}}),
               file("/b", {column("k", "bigint")}, {{"k", "UINTEGER"}})}));
  ASSERT_EQ(kinds.size(), 1);
  EXPECT_THAT(kinds[0].paths, ElementsAre("/a", "/b"));
  EXPECT_THAT(kinds[0].items, ElementsAre("`k`"));
  EXPECT_TRUE(kinds[0].as_declared);
}

TEST(DayFiles, OfOtherTypesAreCastByKind) {
  const auto kinds = alike_files(request({column("k", "bigint"), column("v", "timestamp_ntz")},
                                         {file("/a", {column("k", "int"), column("v", "timestamp_ntz")},
                                               {{"k", "INTEGER"}, {"v", "TIMESTAMP_NS", {}, false, true}}),
                                          file("/b", {column("k", "bigint"), column("v", "int")},
                                               {{"k", "BIGINT"}, {"v", "INTEGER", {true}, false, false}}),
                                          file("/c", {column("k", "bigint"), column("v", "timestamp_ntz")},
                                               {{"k", "BIGINT"}, {"v", "TIMESTAMP", {}, true, false}})}));
  ASSERT_EQ(kinds.size(), 3);
  EXPECT_THAT(kinds[0].items, ElementsAre("CAST(`k` AS bigint) AS `k`",
                                          "CAST(timestamp_micros(`v` DIV 1000) AS timestamp_ntz) AS `v`"));
  EXPECT_EQ(kinds[0].columns[1].type, *parse_type("bigint"));
  EXPECT_THAT(kinds[1].items, ElementsAre("`k`", "CAST(NULL AS timestamp_ntz) AS `v`"));
  EXPECT_EQ(kinds[1].columns.size(), 1);
  EXPECT_EQ(kinds[2].columns[1].type, *parse_type("timestamp"));
  EXPECT_FALSE(kinds[2].as_declared);
}

TEST(DayFiles, ANullBelowBecomesOneOfTheDeclaredType) {
  const auto kinds =
      alike_files(request({column("v", "array<struct<a:bigint,b:array<date>>>")},
                          {file("/a", {column("v", "array<struct<a:int,b:int>>")}, {{"v", "?", {false, true}}})}));
  EXPECT_EQ(kinds.at(0).columns.at(0).type, *parse_type("array<struct<a:int,b:int>>"));
  EXPECT_THAT(kinds[0].items,
              ElementsAre("transform(`v`, metl_0 -> IF(metl_0 IS NULL, NULL, named_struct('a', CAST(metl_0.`a` AS "
                          "bigint), 'b', CAST(NULL AS array<date>)))) AS `v`"));
}

TEST(DayFiles, WhatSparkCannotReadIsRefused) {
  const auto refusal = [](const SourceFile& source) {
    try {
      alike_files(request({column("k", "string")}, {source}));
    } catch (const Error& e) {
      return e.message();
    }
    return std::string();
  };
  EXPECT_THAT(
      refusal(file("/a", {column("k", "string"), column("K", "string")}, {{"k", "VARCHAR"}, {"K_1", "VARCHAR"}})),
      HasSubstr("/a: 2 columns are named 'k' but for the case of letters"));
  EXPECT_THAT(refusal(file("/a", {column("k", "string")}, {{"k", "TIME"}})), HasSubstr("/a: column 'k' has type time"));
}

}  // namespace
}  // namespace metl::engine

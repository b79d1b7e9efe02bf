// Which partitions a condition is about, told of their values alone.
#include "engine/duckdb/narrow.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace metl::engine {
namespace {

const Schema kColumns{{"Day", *parse_type("date"), true, {}},
                      {"hour", *parse_type("int"), true, {}},
                      {"id", *parse_type("bigint"), true, {}}};

// Days of January with an hour each, and one partition of NULLs. No such file is there.
std::vector<FileGroup> partitions() {
  std::vector<FileGroup> out;
  for (int day = 1; day <= 9; ++day) {
    out.push_back({{fmt::format("/nowhere/{}.parquet", day)},
                   {{"Day", fmt::format("2021-01-0{}", day)}, {"hour", std::to_string(day)}}});
  }
  out.push_back({{"/nowhere/null.parquet"}, {{"Day", std::nullopt}, {"hour", std::nullopt}}});
  return out;
}

// The days' numbers, "?" where the values do not tell.
std::string days(const std::string& condition) {
  Client client({.threads = 1});
  const auto found = matching(client, kColumns, partitions(), condition);
  if (!found) return "?";
  std::string out;
  for (const auto& group : *found) out += group.constants.at("Day").value_or("NULL").substr(0, 10).back();
  return out;
}

TEST(Narrow, AConditionOnPartitionsTellsWhich) {
  EXPECT_EQ(days("day = '2021-01-04'"), "4");
  EXPECT_EQ(days("\"DAY\" = DATE '2021-01-04' AND hour > 3 -- a comment"), "4");
  EXPECT_EQ(days("day BETWEEN '2021-01-03' AND '2021-01-05' OR hour IN (9, 1)"), "13459");
  EXPECT_EQ(days("NOT (hour < 9) OR day IS NULL"), "9L");
  EXPECT_EQ(days("hour * 2 = 4"), "?");  // '*' is no sign of a plain condition
  EXPECT_EQ(days("day > '2022-01-01'"), "");
}

TEST(Narrow, WhatDependsOnMoreIsLeftAlone) {
  EXPECT_EQ(days("id = 5"), "?");
  EXPECT_EQ(days("day = '2021-01-04' AND id = 5"), "?");
  EXPECT_EQ(days("random() < 0.5 OR hour = 1"), "?");
  EXPECT_EQ(days("hour = (SELECT max(hour) FROM t)"), "?");
  EXPECT_EQ(days("1 = 1"), "?");
  EXPECT_EQ(days("day = 'no day'"), "?");
  EXPECT_EQ(days("day = "), "?");
}

}  // namespace
}  // namespace metl::engine

#include "pipeline/stats.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace metl::pipeline {
namespace {

Schema columns(const std::vector<std::pair<std::string, std::string>>& names_and_types) {
  Schema out;
  for (const auto& [name, type] : names_and_types) out.push_back({name, *parse_type(type), true, {}});
  return out;
}

nlohmann::json stats_of(const std::map<std::string, engine::ColumnStats>& stats, const Schema& schema) {
  return nlohmann::json::parse(delta_stats({.path = "f", .bytes = 1, .rows = 7, .stats = stats}, schema));
}

TEST(Stats, WriteBoundsInTheTypesOfTheColumns) {
  const auto json = stats_of({{"i", {int64_t{1}, int64_t{9}, 0}},
                              {"f", {0.5, 5.0, 2}},
                              {"b", {false, true, 0}},
                              {"d", {std::string("2021-01-01"), std::string("2021-12-31"), 0}},
                              {"m", {std::string("1.50"), std::string("2.25"), 0}},
                              {"st.a", {int64_t{3}, int64_t{4}, 1}}},
                             columns({{"i", "bigint"},
                                      {"f", "float"},
                                      {"b", "boolean"},
                                      {"d", "date"},
                                      {"m", "decimal(10,2)"},
                                      {"st", "struct<a:bigint>"}}));
  EXPECT_EQ(json["numRecords"], 7);
  EXPECT_EQ(json["minValues"],
            nlohmann::json::parse(R"({"i":1,"f":0.5,"b":false,"d":"2021-01-01","m":1.5,"st":{"a":3}})"));
  EXPECT_EQ(json["maxValues"]["m"], 2.25);
  EXPECT_EQ(json["nullCount"]["st"]["a"], 1);
}

TEST(Stats, CoverTheFirst32LeafColumns) {
  Schema schema = columns({{"st", "struct<a:bigint,b:bigint>"}, {"list", "array<bigint>"}});
  std::map<std::string, engine::ColumnStats> stats{{"st.a", {int64_t{1}, int64_t{1}, 0}},
                                                   {"st.b", {int64_t{1}, int64_t{1}, 0}}};
  for (int i = 0; i < 40; ++i) {
    schema.push_back({fmt::format("c{}", i), *parse_type("bigint"), true, {}});
    stats[fmt::format("c{}", i)] = {int64_t{i}, int64_t{i}, 0};
  }
  const auto json = stats_of(stats, schema);
  EXPECT_TRUE(json["minValues"].contains("c28"));  // st.a, st.b, list, c0 .. c28 are 32
  EXPECT_FALSE(json["minValues"].contains("c29"));
  EXPECT_FALSE(json["nullCount"].contains("c29"));
}

TEST(Stats, CutStringsToBoundsThatHold) {
  const std::string longer = std::string(31, 'x') + "éz";
  EXPECT_EQ(lower_bound(longer), std::string(31, 'x') + "é");
  EXPECT_EQ(*upper_bound(longer), std::string(31, 'x') + "é\xF4\x8F\xBF\xBF");
  EXPECT_GT(*upper_bound(longer), longer);
  EXPECT_EQ(*upper_bound("short"), "short");
  EXPECT_FALSE(upper_bound(std::string(32, 'x') + "\xF4\x8F\xBF\xBF" + "tail")) << "nothing sorts behind it";
}

TEST(Stats, LeaveOutWhatIsNoBound) {
  const auto json = stats_of({{"f", {{}, {}, 1}}, {"s", {std::string("caf\xC3"), std::string("caf\xC3"), 0}}},
                             columns({{"f", "float"}, {"s", "string"}}));
  EXPECT_TRUE(json["minValues"].empty()) << "a NaN was seen, and a character was cut in two";
  EXPECT_EQ(json["nullCount"]["f"], 1);
}

TEST(Stats, RoundTimestampsOutwards) {
  const std::string inside = "2021-01-01 10:00:00.123456+00";
  const auto json = stats_of(
      {{"t", {inside, inside, 0}}, {"n", {std::string("2021-01-01 10:00:00"), std::string("2021-01-01 10:00:00"), 0}}},
      columns({{"t", "timestamp"}, {"n", "timestamp_ntz"}}));
  EXPECT_EQ(json["minValues"]["t"], "2021-01-01T10:00:00.123Z");
  EXPECT_EQ(json["maxValues"]["t"], "2021-01-01T10:00:00.124Z");
  EXPECT_EQ(json["maxValues"]["n"], "2021-01-01T10:00:00.000");
}

}  // namespace
}  // namespace metl::pipeline

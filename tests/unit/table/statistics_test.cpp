#include "table/statistics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "table/bounds.h"

namespace metl::table {
namespace {

using Known = std::map<ColumnPath, ColumnStats>;

Schema columns(const std::vector<std::pair<std::string, std::string>>& names_and_types) {
  Schema out;
  for (const auto& [name, type] : names_and_types) out.push_back({name, *parse_type(type), true, {}});
  return out;
}

std::vector<ColumnPath> all_of(const Known& stats) {
  std::vector<ColumnPath> out;
  for (const auto& [path, known] : stats) out.push_back(path);
  return out;
}

std::string text_of(const Known& stats, const Schema& schema) { return delta_stats(7, stats, schema, all_of(stats)); }

nlohmann::json stats_of(const Known& stats, const Schema& schema) {
  return nlohmann::json::parse(text_of(stats, schema));
}

std::string lower(const std::string& text, const std::string& type) {
  return json_bound(text, *parse_type(type), Bound::kLower).value_or("none");
}

std::string upper(const std::string& text, const std::string& type) {
  return json_bound(text, *parse_type(type), Bound::kUpper).value_or("none");
}

TEST(Stats, WriteBoundsInTheTypesOfTheColumns) {
  const auto json = stats_of({{{"i"}, {"1", "9", 0}},
                              {{"f"}, {"0.5", "5.0", 2}},
                              {{"b"}, {"0", "1", 0}},
                              {{"d"}, {"2021-01-01", "2021-12-31", 0}},
                              {{"m"}, {"1.50", "2.25", 0}},
                              {{"st", "a"}, {"3", "4", 1}}},
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

TEST(Stats, CoverTheColumnsThatTheTableIndexes) {
  const Known stats{{{"a"}, {"1", "2", 0}}, {{"b"}, {"1", "2", 0}}};
  const auto json = nlohmann::json::parse(delta_stats(7, stats, columns({{"a", "bigint"}, {"b", "bigint"}}), {{"b"}}));
  EXPECT_EQ(json["minValues"], nlohmann::json::parse(R"({"b":1})"));
  EXPECT_EQ(json["nullCount"], nlohmann::json::parse(R"({"b":0})"));
}

TEST(Stats, TellAColumnFromAFieldOfTheSameSpelling) {
  EXPECT_EQ(text_of({{{"a", "b"}, {"1", "3", 0}}, {{"a.b"}, {"100", "300", 0}}},
                    columns({{"a", "struct<b:bigint>"}, {"a.b", "bigint"}})),
            R"({"numRecords":7,"minValues":{"a":{"b":1},"a.b":100},"maxValues":{"a":{"b":3},"a.b":300},)"
            R"("nullCount":{"a":{"b":0},"a.b":0},"tightBounds":true})");
}

// deltalake's dataset compares with NULL where a bound is missing beside others, and finds no row of the file.
TEST(Stats, HaveNoBoundsWhereOneOfThemIsNotKnown) {
  const Schema schema = columns({{"f", "float"}, {"i", "bigint"}, {"t", "date"}});
  const auto nan = stats_of({{{"f"}, {{}, {}, 1}}, {{"i"}, {"1", "2", 0}}}, schema);
  EXPECT_TRUE(nan["minValues"].is_null());
  EXPECT_TRUE(nan["maxValues"].is_null());
  EXPECT_EQ(nan["nullCount"]["f"], 1);
  const auto late = stats_of({{{"t"}, {"2021-01-01", "52971-01-01", 0}}}, schema);
  EXPECT_EQ(late["minValues"]["t"], "2021-01-01") << "the other side holds";
  EXPECT_TRUE(late["maxValues"].is_null());
  const auto uncounted = stats_of({{{"i"}, {"1", "2", {}}}}, schema);
  EXPECT_TRUE(uncounted["minValues"].is_null()) << "a reader would think that there is no NULL";
}

TEST(Stats, LeaveOutColumnsWithoutAValue) {
  const auto json = stats_of({{{"f"}, {{}, {}, 7}}, {{"i"}, {"1", "2", 0}}, {{"st", "a"}, {{}, {}, 7}}},
                             columns({{"f", "float"}, {"i", "bigint"}, {"st", "struct<a:bigint>"}}));
  EXPECT_EQ(json["minValues"], nlohmann::json::parse(R"({"i":1,"st":{}})"));
  EXPECT_EQ(json["nullCount"], nlohmann::json::parse(R"({"f":7,"i":0,"st":{"a":7}})"));
}

TEST(Bounds, KeepEveryDigit) {
  EXPECT_EQ(upper("1.000000000000000001", "decimal(38,18)"), "1.000000000000000001");
  EXPECT_EQ(lower("-99999999999999999999999999999999999999", "decimal(38,0)"),
            "-99999999999999999999999999999999999999");
  EXPECT_EQ(lower("-.90", "decimal(2,2)"), "-0.90");
  EXPECT_EQ(upper(".01", "decimal(2,2)"), "0.01");
  EXPECT_EQ(upper("9223372036854775807", "bigint"), "9223372036854775807");
  EXPECT_EQ(upper("0.1", "float"), "0.10000000149011612") << "the float next to 0.1 is above it";
  EXPECT_EQ(upper("0.1", "double"), "0.1");
  EXPECT_EQ(lower("5e-324", "double"), "5e-324") << "below the smallest normal number";
  EXPECT_EQ(lower("1e-45", "float"), "1.401298464324817e-45");
  EXPECT_EQ(upper("1e+20", "double"), "1e+20");
  EXPECT_EQ(lower("0.0", "double"), "-0.0") << "a reader that tells them apart finds both";
  EXPECT_EQ(upper("-0.0", "double"), "0.0");
}

TEST(Bounds, AreLeftOutWhereReadersCannotReadThem) {
  for (const char* number : {"inf", "-inf", "nan"}) {
    EXPECT_EQ(upper(number, "double"), "none");
    EXPECT_EQ(upper(number, "float"), "none");
  }
  for (const char* day : {"10000-01-01", "52971-09-25", "0044-03-15 (BC)", "infinity", "0000-01-01"}) {
    EXPECT_EQ(upper(day, "date"), "none") << day;
  }
  for (const char* time : {"52971-09-25 00:00:00", "0044-03-15 (BC) 11:00:00", "infinity", "-infinity"}) {
    EXPECT_EQ(upper(std::string(time) + "+00", "timestamp"), "none") << time;
    EXPECT_EQ(upper(time, "timestamp_ntz"), "none") << time;
  }
  EXPECT_EQ(upper("2021-01-01 00:00:00+02", "timestamp"), "none") << "not of UTC";
  EXPECT_EQ(upper("caf\xC3", "string"), "none") << "a character was cut in two";
  EXPECT_EQ(upper("00FF", "binary"), "none");
}

TEST(Bounds, OfTimesAreMillisecondsRoundedOutwards) {
  EXPECT_EQ(lower("2021-01-01 10:00:00.123456+00", "timestamp"), R"("2021-01-01T10:00:00.123Z")");
  EXPECT_EQ(upper("2021-01-01 10:00:00.123456+00", "timestamp"), R"("2021-01-01T10:00:00.124Z")");
  EXPECT_EQ(upper("2021-12-31 23:59:59.999001+00", "timestamp"), R"("2022-01-01T00:00:00.000Z")");
  EXPECT_EQ(lower("1969-12-31 23:59:59.9999+00", "timestamp"), R"("1969-12-31T23:59:59.999Z")");
  EXPECT_EQ(upper("2021-01-01 10:00:00.5", "timestamp_ntz"), R"("2021-01-01T10:00:00.500")");
  EXPECT_EQ(upper("2021-01-01 10:00:00", "timestamp_ntz"), R"("2021-01-01T10:00:00.000")");
  EXPECT_EQ(lower("0001-01-01 00:00:00", "timestamp_ntz"), R"("0001-01-01T00:00:00.000")");
  EXPECT_EQ(upper("9999-12-31 23:59:59.999999", "timestamp_ntz"), "none") << "the year 10000";
  EXPECT_EQ(lower("9999-12-31 23:59:59.999999", "timestamp_ntz"), R"("9999-12-31T23:59:59.999")");
}

TEST(Bounds, CutStringsToWhatHolds) {
  const std::string largest = "\xF4\x8F\xBF\xBF";
  const std::string longer = std::string(31, 'x') + "éz";
  EXPECT_EQ(lower_text(longer), std::string(31, 'x') + "é");
  EXPECT_EQ(*upper_text(longer), std::string(31, 'x') + "é" + largest);
  EXPECT_GT(*upper_text(longer), longer);
  EXPECT_EQ(*upper_text("short"), "short");
  const std::string high = std::string(32, 'x') + largest + "tail";
  EXPECT_EQ(*upper_text(high), std::string(32, 'x') + largest + largest) << "cut a character later";
  std::string highest;
  for (int i = 0; i < 70; ++i) highest += largest;
  EXPECT_FALSE(upper_text(highest)) << "nothing sorts behind it";
}

}  // namespace
}  // namespace metl::table

#include "base/type.h"

#include <gtest/gtest.h>

namespace metl {
namespace {

TEST(Type, PrintsSparkNames) {
  EXPECT_EQ(type_name(*parse_type("ARRAY<STRUCT<id: BIGINT, name STRING>>")), "array<struct<id:bigint,name:string>>");
  EXPECT_EQ(type_name(*parse_type("Decimal(10, 2)")), "decimal(10,2)");
  EXPECT_EQ(type_name(*parse_type("map<string,array<double>>")), "map<string,array<double>>");
  EXPECT_EQ(type_name(*parse_type("timestamp with time zone")), "timestamp");
  EXPECT_EQ(type_name(*parse_type("varchar(20)")), "string");
}

TEST(Type, ComparesByStructureAndFieldNameWithoutCase) {
  EXPECT_EQ(*parse_type("struct<ID:long>"), *parse_type("struct<id bigint>"));
  EXPECT_NE(*parse_type("struct<id:int>"), *parse_type("struct<id:bigint>"));
  EXPECT_NE(*parse_type("decimal(10,2)"), *parse_type("decimal(10,3)"));
}

TEST(Type, RefusesWhatIsNoType) {
  for (const char* text : {"", "bigin", "array<>", "array<int", "struct<>", "decimal(0)", "decimal(39)", "map<int>",
                           "int>", "array<int>x"}) {
    EXPECT_FALSE(parse_type(text)) << text;
  }
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "array<";
  EXPECT_FALSE(parse_type(deep));
}

}  // namespace
}  // namespace metl

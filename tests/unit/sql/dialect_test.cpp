// Where the SQL of checks differs between the engines.
#include "sql/dialect.h"

#include <gtest/gtest.h>

namespace metl::sql {
namespace {

// Seen on Spark 4.2: CAST(0.1 AS FLOAT) = 0.1 is false there, and true on DuckDB.
TEST(Dialect, NumbersBesideFloatsAreFloats) {
  const auto spark = spark_dialect().number;
  EXPECT_EQ(spark("0.1", Type::Kind::kFloat), "CAST(0.1 AS FLOAT)");
  EXPECT_EQ(spark("-0.1", Type::Kind::kDouble), "CAST(-0.1 AS DOUBLE)");
  EXPECT_EQ(spark("0.1", Type::Kind::kDecimal), "0.1");
  EXPECT_EQ(spark("3", Type::Kind::kFloat), "3");
  EXPECT_EQ(spark("1.5e40", Type::Kind::kFloat), "1.5e40") << "beyond all floats";
  EXPECT_EQ(duckdb_dialect().number("0.1", Type::Kind::kFloat), "0.1");
}

}  // namespace
}  // namespace metl::sql

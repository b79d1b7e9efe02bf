#include "table/needed.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "table/retention.h"
#include "table/vacuum.h"

namespace metl::table {
namespace {

TEST(Needed, FindsTheFileOfADeletionVector) {
  // The protocol's own examples.
  const char* prefixed = R"({"storageType":"u","pathOrInlineDv":"ab^-aqEH.-t@S}K{vb[*k^","offset":4})";
  EXPECT_EQ(vector_file(prefixed, "/t"), "ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
  const char* plain = R"({"storageType":"u","pathOrInlineDv":"^-aqEH.-t@S}K{vb[*k^"})";
  EXPECT_EQ(vector_file(plain, "/t"), "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
  const char* absolute =
      R"({"storageType":"p","pathOrInlineDv":"s3://b/t/a%20b/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"})";
  EXPECT_EQ(vector_file(absolute, "s3://b/t"), "a b/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin");
  EXPECT_EQ(
      vector_file(R"({"storageType":"i","pathOrInlineDv":"wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L"})", "/t"),
      "");
}

TEST(Needed, WhatIsNotUnderstoodIsAnError) {
  for (const char* descriptor :
       {"", "{}", R"({"storageType":"x","pathOrInlineDv":"abc"})", R"({"storageType":"u","pathOrInlineDv":"short"})",
        R"({"storageType":"u","pathOrInlineDv":"~~~~~~~~~~~~~~~~~~~~"})"}) {
    EXPECT_THROW(vector_file(descriptor, "/t"), Error) << descriptor;
  }
}

TEST(Vacuum, KnowsTheNamesThatWritersGive) {
  for (const char* name :
       {"part-00000-6d0e2ab5-2a4c-4ac4-9a4f-0b3c1c2f4a5d.c000.snappy.parquet",
        "part-20210101T043000-1f2e3d4c-00000.zstd.parquet", "part-20210101T043000-1f2e3d4c-compact-00000.zstd.parquet",
        "cdc-00000-6d0e2ab5-2a4c-4ac4-9a4f-0b3c1c2f4a5d.c000.snappy.parquet",
        "deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"}) {
    EXPECT_TRUE(is_writers_file(name)) << name;
  }
  for (const char* name : {"part-00000.parquet", "data.parquet", "6d0e2ab5-2a4c-4ac4-9a4f-0b3c1c2f4a5d.csv",
                           "_part-6d0e2ab5-2a4c-4ac4-9a4f-0b3c1c2f4a5d.parquet", "deletion_vector_1.bin", "",
                           ".part-6d0e2ab5-2a4c-4ac4-9a4f-0b3c1c2f4a5d.parquet.crc"}) {
    EXPECT_FALSE(is_writers_file(name)) << name;
  }
}

TEST(Retention, ReadsSparksIntervals) {
  using std::chrono::hours;
  EXPECT_EQ(parse_interval("interval 1 week"), hours(168));
  EXPECT_EQ(parse_interval("interval 2 days 12 hours"), hours(60));
  EXPECT_EQ(parse_interval("INTERVAL 168 HOURS"), hours(168));
  EXPECT_EQ(parse_interval("30 days"), hours(720));
  for (const char* text : {"", "interval", "1 month", "interval one week", "7", "interval 7 days 3", "-7 days"}) {
    EXPECT_EQ(parse_interval(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace metl::table

#include "engine/duckdb/client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.h"

namespace metl::engine {
namespace {

// A function that DuckDB calls once for each plan that it makes, for its argument is constant.
struct CountedPlans {
  int plans = 0;

  static void call(duckdb_function_info info, duckdb_data_chunk /*input*/, duckdb_vector output) {
    ++static_cast<CountedPlans*>(duckdb_scalar_function_get_extra_info(info))->plans;
    static_cast<int64_t*>(duckdb_vector_get_data(output))[0] = 7;
  }
};

class PlansTest : public ::testing::Test {
 protected:
  PlansTest() {
    client_.add_function({"planned", DUCKDB_TYPE_BIGINT, DUCKDB_TYPE_BIGINT, &CountedPlans::call, &counted_, true});
  }

  CountedPlans counted_;
  Client client_{ClientOptions{}};
};

// A plan over a table of ten thousand files looks at each of them: to look what a query is, and what it gives, takes
// one.
TEST_F(PlansTest, AQueryOfPlainTypesIsPlannedOnce) {
  const Rows rows = client_.rows_of_select("SELECT planned(1), 'a', 0.5::DOUBLE, true");
  EXPECT_EQ(counted_.plans, 1);
  EXPECT_EQ(rows.rows.at(0), (std::vector<Value>{int64_t{7}, std::string("a"), 0.5, true}));
}

TEST_F(PlansTest, OtherTypesAreTurnedIntoPlainOnes) {
  const Rows rows = client_.rows("SELECT planned(1)::HUGEINT, DATE '2021-01-01', [1, 2]");
  EXPECT_EQ(rows.rows.at(0), (std::vector<Value>{int64_t{7}, std::string("2021-01-01"), std::string("[1, 2]")}));
}

TEST_F(PlansTest, WhatChangesSomethingIsNoSelect) {
  EXPECT_THROW(client_.rows_of_select("CREATE TABLE t AS SELECT 1"), Error);
  EXPECT_THROW(client_.rows("SELECT * FROM t"), Error);  // it was not run
}

// Of each row group at least 70 KB would stay in memory, however small it is.
TEST(Client, KeepsNothingOfWhatItReadOfLocalFiles) {
  const auto file = std::filesystem::temp_directory_path() / fmt::format("metl-client-{}.parquet", ::getpid());
  Client client{ClientOptions{}};
  client.execute(fmt::format("COPY (FROM range(20480) t(i)) TO '{}' (ROW_GROUP_SIZE 2048)", file.string()));
  const auto number = [&](const std::string& sql) { return std::get<int64_t>(client.rows(sql).rows.at(0).at(0)); };
  EXPECT_EQ(number(fmt::format("SELECT count(DISTINCT row_group_id) FROM parquet_metadata('{}')", file.string())), 10);
  EXPECT_EQ(number(fmt::format("SELECT max(i) FROM '{}'", file.string())), 20479);
  EXPECT_EQ(number("SELECT count(*) FROM duckdb_external_file_cache()"), 0);
  EXPECT_EQ(number("SELECT memory_usage_bytes FROM duckdb_memory() WHERE tag = 'EXTERNAL_FILE_CACHE'"), 0);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace metl::engine

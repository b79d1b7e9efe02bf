#include "engine/duckdb/client.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace metl::engine

// Takes a plan's measurements from the data.
#pragma once

#include <string>
#include <vector>

#include "quality/plan/plan.h"

namespace metl::quality {

struct Taken {
  Value value;
  Rows rows;          // of kRows only
  std::string error;  // why there is no value; "" when there is (which may be NULL)
};

// Of one query: engines plan wide aggregations slowly, and compile them badly.
constexpr size_t kMostAggregates = 50;

// The query of some of a source's aggregates.
std::string aggregate_sql(const Source& source, const std::vector<std::string>& expressions);

// What asks for a measurement of any other kind: SQL, for duplicates the remark that stands for it.
std::string query_sql(const Source& source, const Measurement& what);

// One result a measurement, in the plan's order; the SQL that ran is appended to `queries`. A metric that cannot be
// computed spoils no other: when a shared query fails, its metrics are asked one by one. Throws Error{kInterrupted}
// only.
std::vector<Taken> take_measurements(const Plan& plan, const DataAccess& data, std::vector<QueryRun>& queries);

}  // namespace metl::quality

// Takes a plan's measurements from the data.
#pragma once

#include <string>
#include <vector>

#include "quality/plan.h"

namespace metl::quality {

struct Taken {
  Value value;
  Rows rows;          // of kRows only
  std::string error;  // why there is no value; "" when there is (which may be NULL)
};

// One result a measurement, in the plan's order; the SQL that ran is appended to `queries`. A metric that cannot be
// computed spoils no other: when a shared query fails, its metrics are asked one by one. Throws Error{kInterrupted}
// only.
std::vector<Taken> take_measurements(const Plan& plan, const DataAccess& data, std::vector<std::string>& queries);

}  // namespace metl::quality

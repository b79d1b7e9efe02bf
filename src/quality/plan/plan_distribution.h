// What a check of `distribution_difference` measures and compares with.
#pragma once

#include "quality/plan/plan_check.h"

namespace metl::quality {

constexpr int64_t kMostValues = 1'000'000;  // of a column, as in Soda Core; a `sample` is taken whole

// Reads the reference's file, which is looked for beside the checks file. `values` becomes what asks for the column's
// values, or for its categories and how often each occurs. `filter` is the check's own, already SQL, or "". Throws
// Problem.
DistributionPlan plan_distribution(const Check& check, const MetricBody& body, const std::string& filter,
                                   const MetricContext& context, Measurement& values);

// How much the answer to what `plan_distribution` asks differs. Throws std::invalid_argument when that is not defined.
double difference_of(const DistributionPlan& plan, const Rows& rows);

}  // namespace metl::quality

// From measurements to outcomes.
#pragma once

#include <vector>

#include "quality/measure.h"

namespace metl::quality {

// The result of one check, and behind that of a `group by` those of its checks in each group. What keeps a check from
// being evaluated is added to `errors`.
std::vector<CheckResult> evaluate(const PlannedCheck& check, const Plan& plan, const std::vector<Taken>& taken,
                                  bool compat, std::vector<ScanError>& errors);

}  // namespace metl::quality

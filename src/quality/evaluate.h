// From measurements to outcomes.
#pragma once

#include <vector>

#include "quality/measure.h"

namespace metl::quality {

// The result of one check; what keeps it from being evaluated is added to `errors`.
CheckResult evaluate(const PlannedCheck& check, const Plan& plan, const std::vector<Taken>& taken, bool compat,
                     std::vector<ScanError>& errors);

}  // namespace metl::quality

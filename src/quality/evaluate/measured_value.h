// What a check's formula makes of what was measured: the number that its thresholds judge.
#pragma once

#include <optional>
#include <vector>

#include "quality/evaluate/measure.h"
#include "quality/plan/plan.h"

namespace metl::quality {

// Of a check whose inputs are there. Empty when there is nothing to judge; a value that is no number is given as it is.
// `compat`: large whole numbers lose digits as in Soda Core.
std::optional<Value> measured_value(const PlannedCheck& check, const std::vector<Taken>& taken, bool compat);

}  // namespace metl::quality

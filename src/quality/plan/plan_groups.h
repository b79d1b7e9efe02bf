// Checks of the groups that a query gives: `group by` and `group evolution`.
#pragma once

#include "quality/plan/plan_check.h"

namespace metl::quality {

// Both throw Problem for what cannot be planned.
void plan_group_by(const GroupByBody& body, Planning& planning, PlannedCheck& out);
void plan_group_evolution(const Check& check, const GroupEvolutionBody& body, Planning& planning, PlannedCheck& out);

}  // namespace metl::quality

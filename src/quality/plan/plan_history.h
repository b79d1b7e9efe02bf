// What a check needs to compare with earlier scans.
#pragma once

#include "quality/plan/plan_check.h"

namespace metl::quality {

// Of a metric check with `change` or `anomaly`, measured as `measured` says. Throws Problem for a metric without one.
HistoryPlan plan_comparison(const Check& check, const MetricBody& body, const MetricContext& context,
                            const Measured& measured, const Planning& planning);

}  // namespace metl::quality

// A metric's change since earlier measurements.
#pragma once

#include "quality/evaluate/compared.h"
#include "quality/plan/zones.h"

namespace metl::quality {

// `value` is a number. The change is value - baseline, exactly where both are whole; in percent, of the baseline's
// size, so that growth is positive. The baseline is the average, minimum or maximum of the last `change.last`
// measurements, or the last one of the day seven days before that of `data_time`. From a baseline of 0 there is no
// percentage, unless nothing changed (0 %).
Compared compare_change(const ChangeOverTime& change, const Value& value, const std::vector<HistoryRecord>& earlier,
                        DataTime data_time, const Zones& zones);

}  // namespace metl::quality

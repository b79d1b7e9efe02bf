// Is a metric's value unusual, given those of earlier days? Robust statistics instead of Soda's Prophet: a few medians,
// the same result for the same numbers, and no model to install.
//
// Of each day the last measurement counts, of the newest `window_length` days. With at least 4 measurements of the
// value's weekday the expectation is seasonal: a straight trend (the median slope between measurements whole weeks
// apart: Sen 1968; seasonal: Hirsch, Slack & Smith 1982) plus the median of the weekday. With fewer it is the median of
// all. The spread is 1.4826 * MAD of what the measurements differ from that (1.2533 * their mean absolute difference
// where more than half are 0: Iglewicz & Hoaglin 1993), corrected for few measurements (Croux & Rousseeuw 1992) and
// for the uncertainty of a median of m values, sqrt(1 + pi / 2m).
//
// The expected range is 5 spreads to both sides: as a spread of some weeks is uncertain itself, the 3 or 3.5 usual for
// long series would call every hundredth clean day an anomaly; 5 does so less than once in two hundred (simulated, and
// tested). Without a season it is wider by the largest difference there was, which may be the weekend. It is never
// narrower than `min_confidence_interval_ratio` of the expected value. A value in the range passes, one beyond it by at
// most `warning_ratio` of the range's width warns, any other fails (as Soda does).
//
// A new level or spread of a lasting kind is learned when half of the window has it.
#pragma once

#include "quality/evaluate/compared.h"
#include "quality/model/ast.h"

namespace metl::quality {

// `value` is a number and stays the check's value.
Compared compare_anomaly(const AnomalySettings& settings, const Value& value, const std::vector<HistoryRecord>& earlier,
                         DataTime data_time);

}  // namespace metl::quality

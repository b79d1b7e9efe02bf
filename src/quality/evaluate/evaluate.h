// From measurements to outcomes.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "quality/evaluate/measure.h"

namespace metl::quality {

// What evaluation reads and fills; lives as long as that of one plan.
struct Evaluation {
  const Plan& plan;
  const std::vector<Taken>& taken;
  const Earlier& earlier;
  DataTime data_time;
  bool compat;
  std::vector<ScanError>& errors;
  std::vector<ScanError>& notices;
  std::vector<HistoryRecord>& records;
  std::set<std::string> recorded = {};  // keys of `records`
};

// The result of one check, and behind that of a `group by` those of its checks in each group. What keeps a check from
// being evaluated is added to the errors; what later scans compare with, to the records.
std::vector<CheckResult> evaluate(const PlannedCheck& check, Evaluation& evaluation);

}  // namespace metl::quality

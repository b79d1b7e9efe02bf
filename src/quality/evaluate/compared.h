// What comparing a metric's value with earlier measurements gives.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "quality/model/result.h"

namespace metl::quality {

struct Compared {
  Outcome outcome = Outcome::kNotEvaluated;
  Value value;            // the check's
  std::string threshold;  // for people; "" where the check's own says it
  std::vector<std::pair<std::string, std::string>> diagnostics;
  std::string warming_up;  // "0 of 1 earlier measurements": too few to compare with; "" when there are enough
  std::string error;       // why there is no outcome though there are enough
};

// "3 of 7 earlier measurements".
std::string measurements_text(size_t there, size_t needed);

}  // namespace metl::quality

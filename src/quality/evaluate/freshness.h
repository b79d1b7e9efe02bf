// How fresh a dataset is: the age of its newest time, and what the check makes of it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "quality/plan/plan.h"

namespace metl::quality {

struct Freshness {
  Outcome outcome = Outcome::kNotEvaluated;
  Value age;                                                     // in milliseconds, rounded down
  std::vector<std::pair<std::string, std::string>> diagnostics;  // in Soda Core's words
  std::string error;  // why there is no outcome; everything else is empty then
};

// `newest` is the greatest value of `column`, as a text or NULL; `reference.time` is there. A day lasts until its end.
// Where no row has a time, nothing is fresh: the age is 0 and fails.
Freshness freshness_of(const Value& newest, const std::string& column, const AgeReference& reference,
                       const Zones& zones);

}  // namespace metl::quality

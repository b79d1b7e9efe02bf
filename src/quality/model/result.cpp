#include "quality/model/result.h"

#include <algorithm>

namespace metl::quality {

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "pass";
    case Outcome::kWarn:
      return "warn";
    case Outcome::kFail:
      return "fail";
    case Outcome::kNotEvaluated:
      break;
  }
  return "not_evaluated";
}

int ScanResult::count(Outcome outcome) const {
  return static_cast<int>(
      std::count_if(checks.begin(), checks.end(), [&](const auto& check) { return check.outcome == outcome; }));
}

int ScanResult::warming_up() const {
  return static_cast<int>(std::count_if(checks.begin(), checks.end(), [](const auto& c) { return c.warming_up; }));
}

int ScanResult::soda_exit_code() const {
  if (!errors.empty()) return 3;
  if (count(Outcome::kFail) > 0) return 2;
  return count(Outcome::kWarn) > 0 ? 1 : 0;
}

}  // namespace metl::quality

#include "quality/scan.h"

#include <fmt/format.h>

#include <algorithm>

#include "quality/document.h"
#include "quality/evaluate.h"

namespace metl::quality {

std::string to_text(const Location& location) {
  if (location.line == 0) return location.file;
  return fmt::format("{}:{}:{}", location.file, location.line, location.column);
}

int ScanResult::count(Outcome outcome) const {
  return static_cast<int>(
      std::count_if(checks.begin(), checks.end(), [&](const auto& check) { return check.outcome == outcome; }));
}

int ScanResult::soda_exit_code() const {
  if (!errors.empty()) return 3;
  if (count(Outcome::kFail) > 0) return 2;
  return count(Outcome::kWarn) > 0 ? 1 : 0;
}

ScanResult scan(const ScanRequest& request, const DataAccess& data) {
  ScanResult result;
  Findings findings;
  Variables variables(request.variables, request.now, request.compat);
  Plan plan;
  for (const auto& file : request.files) {
    const Document document = read_document(file, findings);
    plan_document(document, variables, data, request.compat, plan, findings.errors);
  }
  const std::vector<Taken> taken = take_measurements(plan, data, result.queries);
  for (const auto& check : plan.checks) {
    for (auto& one : evaluate(check, plan, taken, request.compat, findings.errors))
      result.checks.push_back(std::move(one));
  }
  if (result.checks.empty() && findings.errors.empty() && !request.compat) {
    findings.errors.push_back({{request.files.empty() ? "" : request.files.front(), 0, 0},
                               "there is no check in the checks files: nothing was checked"});
  }
  result.errors = std::move(findings.errors);
  result.notices = std::move(findings.notices);
  return result;
}

}  // namespace metl::quality

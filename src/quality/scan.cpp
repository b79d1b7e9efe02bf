#include "quality/scan.h"

#include "quality/evaluate/evaluate.h"
#include "quality/survey/survey.h"
#include "quality/syntax/document.h"

namespace metl::quality {

ScanResult scan(const ScanRequest& request, const DataAccess& data) {
  ScanResult result;
  Findings findings{{}, {}, request.compat};
  const Plan plan = plan_of(request, data, findings);
  const std::vector<Taken> taken = take_measurements(plan, data, result.queries);
  Evaluation evaluation{plan,
                        taken,
                        request.earlier,
                        std::chrono::floor<std::chrono::milliseconds>(request.data_time.value_or(request.now)),
                        request.compat,
                        findings.errors,
                        findings.notices,
                        result.records};
  for (const auto& check : plan.checks) {
    for (auto& one : evaluate(check, evaluation)) result.checks.push_back(std::move(one));
  }
  result.mentions = plan.mentions;
  result.survey = take_survey(plan.surveys, request.sensitive_columns, data, findings, result.queries);
  if (result.checks.empty() && plan.surveys.empty() && findings.errors.empty() && !request.compat &&
      !request.allow_empty) {
    findings.errors.push_back(no_check(request));
  }
  result.errors = std::move(findings.errors);
  result.notices = std::move(findings.notices);
  return result;
}

}  // namespace metl::quality

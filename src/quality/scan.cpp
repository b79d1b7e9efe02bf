#include "quality/scan.h"

#include <fmt/format.h>

#include <algorithm>

#include "quality/document.h"
#include "quality/evaluate.h"
#include "quality/survey.h"

namespace metl::quality {

std::string to_text(const Location& location) {
  if (location.line == 0) return location.file;
  return fmt::format("{}:{}:{}", location.file, location.line, location.column);
}

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

ScanError no_check(const ScanRequest& request) {
  return {{request.files.empty() ? "" : request.files.front(), 0, 0},
          "there is no check in the checks files: nothing was checked"};
}

Plan plan_of(const ScanRequest& request, const DataAccess& data, Findings& findings) {
  Variables variables(request.variables, request.now, request.compat);
  std::vector<Document> documents;
  for (const auto& file : request.files) documents.push_back(read_document(file, findings));
  Plan plan;
  plan_documents(std::move(documents), variables, data, request.compat, plan, findings.errors);
  return plan;
}

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

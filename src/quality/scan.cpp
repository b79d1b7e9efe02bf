#include "quality/scan.h"

#include <fmt/format.h>

#include "base/error.h"
#include "quality/evaluate/evaluate.h"
#include "quality/survey/survey.h"
#include "quality/syntax/document.h"

namespace metl::quality {
namespace {

[[noreturn]] void refuse_to_quote() {
  throw Error(Cause::kStatement,
              "the query fails on the data; what the engine says could show a value of a column of "
              "checks.sensitive_columns and is kept back",
              "`movies-etl check --explain` shows the SQL.");
}

// The same access. Where a query fails on its data, the engine may quote a value ("could not convert string 'Heat'"):
// its message passes only when the query fails without reading any.
DataAccess without_values_in_errors(DataAccess data) {
  data.query = [query = data.query](const std::string& sql) {
    try {
      return query(sql);
    } catch (const Error& e) {
      if (e.cause() != Cause::kStatement) throw;
    }
    query(fmt::format("SELECT * FROM ({}\n) AS bound LIMIT 0", sql));
    refuse_to_quote();
  };
  data.duplicate_keys = [count = data.duplicate_keys](const std::string& view, const std::vector<std::string>& key,
                                                      const std::string& condition) {
    try {
      return count(view, key, condition);
    } catch (const Error& e) {
      if (e.cause() != Cause::kStatement) throw;
    }
    refuse_to_quote();
  };
  return data;
}

}  // namespace

ScanResult scan(const ScanRequest& request, const DataAccess& given) {
  const DataAccess data = request.sensitive_columns.empty() ? given : without_values_in_errors(given);
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
  result.survey = take_survey(plan.surveys, plan.sensitive, data, findings, result.queries);
  if (result.checks.empty() && plan.surveys.empty() && findings.errors.empty() && !request.compat &&
      !request.allow_empty) {
    findings.errors.push_back(no_check(request));
  }
  result.errors = std::move(findings.errors);
  result.notices = std::move(findings.notices);
  return result;
}

}  // namespace metl::quality

#include "quality/row_rules.h"

#include <algorithm>

#include "quality/plan/plan.h"
#include "quality/syntax/document.h"

namespace metl::quality {

std::vector<RowRule> row_rules(const ScanRequest& request, const DataAccess& data) {
  Findings findings{{}, {}, request.compat};
  const Plan plan = plan_of(request, data, findings);
  std::vector<RowRule> out;
  for (const auto& check : plan.checks) {
    if (!check.on_bad_rows || check.broken) continue;
    out.push_back(
        {check.draft.name, check.draft.location, plan.sources[check.source].view, check.bad_row, *check.on_bad_rows});
  }
  return out;
}

bool have_row_rules(const std::vector<std::string>& files) {
  const auto has_rule = [](const std::vector<Check>& checks) {
    return std::any_of(checks.begin(), checks.end(), [](const Check& check) { return check.on_bad_rows.has_value(); });
  };
  Findings findings;
  for (const auto& file : files) {
    const Document document = read_document(file, findings);
    for (const auto& section : document.sections) {
      const auto* checks = std::get_if<ChecksSection>(&section);
      const auto* each = std::get_if<ForEachSection>(&section);
      if ((checks != nullptr && has_rule(checks->checks)) || (each != nullptr && has_rule(each->checks))) return true;
    }
  }
  return false;
}

}  // namespace metl::quality

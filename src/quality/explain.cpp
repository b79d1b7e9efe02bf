#include "quality/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "base/unicode.h"
#include "quality/evaluate/measure.h"
#include "quality/plan/draft.h"
#include "quality/plan/plan_check.h"
#include "quality/report/finding.h"
#include "quality/syntax/document.h"

namespace metl::quality {
namespace {

void list(const std::vector<Check>& checks, const std::string& dataset, const std::string& partition,
          const std::string& title, std::vector<ExplainedCheck>& out) {
  for (const auto& check : checks) {
    CheckResult draft = draft_of(check, title, dataset, partition);
    if (check.name) draft.name = check.name->text;
    out.push_back({std::move(draft), {}, {}});
  }
}

std::string patterns_text(const ForEachSection& section) {
  std::vector<std::string> patterns;
  for (const auto& [include, pattern] : section.patterns) patterns.push_back((include ? "" : "exclude ") + pattern);
  return fmt::format("each dataset of {}", fmt::join(patterns, ", "));
}

// One query a kind of measurement and source: that of all its aggregates, or its own.
std::vector<std::string> queries_of(const PlannedCheck& check, const Plan& plan) {
  std::vector<std::string> out;
  std::vector<std::pair<size_t, std::vector<std::string>>> aggregates;  // source, expressions
  for (const size_t input : check.inputs) {
    const auto& [source, what] = plan.measurements[input];
    if (what.kind != Measurement::Kind::kAggregate) {
      out.push_back(query_sql(plan.sources[source], what));
      continue;
    }
    if (aggregates.empty() || aggregates.back().first != source) aggregates.push_back({source, {}});
    aggregates.back().second.push_back(what.sql);
  }
  for (const auto& [source, expressions] : aggregates) out.push_back(aggregate_sql(plan.sources[source], expressions));
  return out;
}

std::vector<std::string> probes_of(const PlannedCheck& check, const Plan& plan) {
  std::vector<std::string> out;
  for (const size_t input : check.inputs) {
    const auto& [source, what] = plan.measurements[input];
    if (what.kind == Measurement::Kind::kAggregate) {
      out.push_back(aggregate_sql(plan.sources[source], {what.sql}));
    } else if (what.kind != Measurement::Kind::kDuplicates) {
      out.push_back(what.sql);
    } else if (!what.condition.empty()) {  // its keys are columns of the schema
      out.push_back(fmt::format("SELECT 1 FROM {} WHERE {}", plan.sources[source].view, what.condition));
    }
  }
  return out;
}

std::vector<SharedProbe> shared_probes_of(const Plan& plan) {
  std::vector<std::vector<std::string>> expressions(plan.sources.size());
  for (const auto& [source, what] : plan.measurements) {
    if (what.kind == Measurement::Kind::kAggregate) expressions[source].push_back(what.sql);
  }
  std::vector<SharedProbe> out;
  for (size_t source = 0; source < expressions.size(); ++source) {
    const auto& all = expressions[source];
    for (size_t first = 0; first < all.size(); first += kMostAggregates) {
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first);
      const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), first + kMostAggregates));
      SharedProbe probe{aggregate_sql(plan.sources[source], {begin, end}), {}};
      for (auto one = begin; one != end; ++one) probe.probes.push_back(aggregate_sql(plan.sources[source], {*one}));
      out.push_back(std::move(probe));
    }
  }
  return out;
}

std::string entry_of(const ExplainedCheck& one) {
  const CheckResult& check = one.check;
  const bool own_name = check.name != check.definition;
  std::string out = fmt::format("  {}{}   {}\n", text::printable(check.definition),
                                own_name ? fmt::format("  \"{}\"", text::printable(check.name)) : "",
                                text::printable(to_text(check.location)));
  for (const auto& sql : one.queries) {
    for (const auto& line : text::split(sql, '\n')) out += fmt::format("      {}\n", text::printable(line));
  }
  return out;
}

}  // namespace

Explanation list_checks(const std::vector<std::string>& files) {
  Explanation out;
  Findings findings;
  for (const auto& file : files) {
    const Document document = read_document(file, findings);
    for (const auto& section : document.sections) {
      if (const auto* checks = std::get_if<ChecksSection>(&section))
        list(checks->checks, checks->dataset.text, checks->partition, checks->title, out.checks);
      else if (const auto* each = std::get_if<ForEachSection>(&section))
        list(each->checks, patterns_text(*each), "", each->title, out.checks);
    }
  }
  out.errors = std::move(findings.errors);
  out.notices = std::move(findings.notices);
  return out;
}

Explanation explain(const ScanRequest& request, const DataAccess& data) {
  Explanation out;
  Findings findings{{}, {}, request.compat};
  const Plan plan = plan_of(request, data, findings);
  for (const auto& check : plan.checks)
    out.checks.push_back({check.draft, queries_of(check, plan), probes_of(check, plan)});
  out.shared = shared_probes_of(plan);
  if (plan.checks.empty() && plan.surveys.empty() && findings.errors.empty() && !request.compat && !request.allow_empty)
    findings.errors.push_back(no_check(request));
  out.errors = std::move(findings.errors);
  out.notices = std::move(findings.notices);
  return out;
}

void bind_queries(const Explanation& explanation, const std::function<void(const std::string& sql)>& bind,
                  std::vector<ScanError>& errors) {
  // What is wrong; empty when nothing is.
  const auto fault_of = [&](const std::string& sql) -> std::optional<std::string> {
    try {
      bind(sql);
      return std::nullopt;
    } catch (const Error& e) {
      if (e.cause() == Cause::kInterrupted || is_of_the_system(e.cause())) throw;
      return e.message();
    }
  };
  std::set<std::string> seen;
  for (const auto& [sql, probes] : explanation.shared) {
    if (!fault_of(sql)) seen.insert(probes.begin(), probes.end());
  }
  for (const auto& [check, queries, probes] : explanation.checks) {
    for (const auto& sql : probes) {
      if (!seen.insert(sql).second) continue;
      if (auto fault = fault_of(sql)) errors.push_back({check.location, std::move(*fault)});
    }
  }
}

std::string render_text(const Explanation& explanation) {
  std::string out;
  std::string title;
  for (const auto& one : explanation.checks) {
    if (title_of(one.check) != title) {
      title = title_of(one.check);
      out += text::printable(title) + "\n";
    }
    out += entry_of(one);
  }
  for (const auto& error : explanation.errors) out += "ERROR  " + message_of(error);
  for (const auto& notice : explanation.notices) out += "note  " + message_of(notice);
  const size_t checks = explanation.checks.size();
  const size_t errors = explanation.errors.size();
  out += fmt::format("{} {}", checks, checks == 1 ? "check" : "checks");
  return out + (errors == 0 ? "\n" : fmt::format(", {} {}\n", errors, errors == 1 ? "error" : "errors"));
}

}  // namespace metl::quality

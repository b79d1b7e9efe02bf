#include "quality/plan/plan_groups.h"

#include <fmt/format.h>

#include "quality/plan/draft.h"
#include "quality/plan/history_key.h"

namespace metl::quality {
namespace {

GroupCheck plan_child(const Check& child, const MetricBody& body, const PlannedCheck& parent,
                      const Planning& planning) {
  GroupCheck out;
  out.column = body.line.metric.name;
  out.zones = make_zones(child, body.line.pass, Unit::kNumber, planning.variables, planning.compat);
  out.draft = draft_of(child, planning.title, parent.draft.dataset, parent.draft.partition);
  out.draft.name = planning.variables.fill(*child.name);
  out.draft.metric = out.draft.measured = out.column;
  out.draft.threshold = to_text(out.zones);
  set_bounds(out.zones, out.draft);
  return out;
}

// Adds the query as the only input, of at most `limit` groups and one more. Gives its columns that may be shown.
Harmless add_query(const Text& written, int64_t limit, Planning& planning, PlannedCheck& out) {
  const std::string query = planning.variables.fill(written);
  Measurement rows{Measurement::Kind::kRows, "", {}, ""};
  rows.sql = fmt::format("SELECT * FROM {} AS answer LIMIT {}", embed(query, written.at), limit + 1);
  add_input(out, out.source, std::move(rows), "groups", planning);
  return harmless_columns(query, planning.plan.sensitive, schemas_of(planning.data));
}

}  // namespace

void plan_group_by(const GroupByBody& body, Planning& planning, PlannedCheck& out) {
  out.draft.metric = "group_by";
  out.draft.measured = "group by";
  GroupPlan group{body.fields, body.group_limit, {}, {}};
  for (const Check& child : body.checks) {
    const auto& metric = std::get<MetricBody>(child.body);
    if (child.reading != Check::Reading::kWhole) throw Problem{child.at, "one of its checks could not be read"};
    if (!metric.line.metric.arguments.empty() || child.filter) {
      throw Problem{child.at, fmt::format("\"{}\": a check of a group by is about a column of its query", child.line)};
    }
    if (metric.line.history != AgainstHistory::kNo) {
      // As Soda Core: a change spoils the group by, an anomaly check itself only.
      Problem not_supported{child.at, fmt::format("not supported: \"{}\" in a group by, whose groups are not compared "
                                                  "with earlier scans; give each group a check of its own, with a "
                                                  "'filter'",
                                                  child.line)};
      if (!planning.compat || metric.line.history == AgainstHistory::kChange) throw not_supported;
      planning.errors.push_back({not_supported.at, not_supported.message});
      continue;
    }
    group.checks.push_back(plan_child(child, metric, out, planning));
  }
  group.shown = add_query(body.query, body.group_limit, planning, out);
  out.group = std::move(group);
}

void plan_group_evolution(const Check& check, const GroupEvolutionBody& body, Planning& planning, PlannedCheck& out) {
  const Variables& variables = planning.variables;
  out.draft.metric = "group_evolution";
  out.draft.measured = "groups";
  GroupEvolutionPlan evolution{body.fields, {}, {}};
  for (const auto& [zone, fails] : {std::pair{&body.warn, false}, std::pair{&body.fail, true}}) {
    if (!*zone) continue;
    GroupRules rules = **zone;
    for (auto* names : {&rules.required, &rules.forbidden}) {
      for (auto& name : *names) name.text = variables.fill(name);
    }
    if (rules.added || rules.deleted) {
      const Source& source = planning.plan.sources[out.source];
      out.history = HistoryPlan{groups_key(source, variables.without_times().fill(body.query), body.fields)};
    }
    ForbiddenNames forbidden(rules.forbidden, false, planning.compat);
    evolution.rules.push_back({std::move(rules), fails, std::move(forbidden)});
  }
  evolution.shown = add_query(body.query, kMostGroups, planning, out);
  const bool first_is_name = body.fields.empty() && evolution.shown.holds(0);
  if (out.history && !first_is_name && !evolution.shown.every()) {
    throw Problem{check.at,
                  "'when groups change' would keep names of groups in the history that may be values of a column of "
                  "checks.sensitive_columns; require or forbid groups instead, or ask for columns that are not "
                  "sensitive by a plain 'SELECT columns FROM dataset GROUP BY columns'"};
  }
  out.evolution = std::move(evolution);
}

}  // namespace metl::quality

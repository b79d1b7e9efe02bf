#include "quality/evaluate/group_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace metl::quality {
namespace {

bool holds(const MeasuredGroups& groups, const std::string& name) {
  return std::find(groups.begin(), groups.end(), name) != groups.end();
}

MeasuredGroups without(MeasuredGroups groups, const MeasuredGroups& others) {
  std::erase_if(groups, [&](const auto& name) { return holds(others, name); });
  return groups;
}

// As Soda Core, a Python program, writes it.
std::string group_text(const Value& value) {
  if (is_null(value)) return "None";
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "True" : "False";
  const std::string text = to_text(value);
  const bool whole = std::holds_alternative<double>(value) && text.find_first_not_of("-0123456789") == text.npos;
  return whole ? text + ".0" : text;
}

std::string group_name(const std::vector<Value>& row, const std::vector<size_t>& fields) {
  std::vector<std::string> parts;
  for (const size_t field : fields) parts.push_back(group_text(row[field]));
  return fmt::format("{}", fmt::join(parts, ","));
}

}  // namespace

Groups groups_of(const std::vector<std::vector<Value>>& rows, const std::vector<size_t>& fields,
                 const Harmless& shown) {
  Groups out;
  for (const auto& row : rows) out.names.push_back(group_name(row, fields));
  out.shown = out.names;
  if (std::all_of(fields.begin(), fields.end(), [&](size_t field) { return shown.holds(field); })) return out;
  std::vector<size_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return out.names[a] < out.names[b]; });
  for (size_t place = 0; place < order.size(); ++place) out.shown[order[place]] = fmt::format("group {}", place + 1);
  return out;
}

std::vector<std::pair<std::string, std::string>> group_differences(const GroupRule& rule, const Groups& groups,
                                                                   const MeasuredGroups* earlier) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto note = [&](const char* what, const MeasuredGroups& names) {
    if (!names.empty()) out.emplace_back(what, fmt::format("[{}]", fmt::join(names, ", ")));
  };
  const GroupRules& rules = rule.rules;
  MeasuredGroups required;
  for (const auto& name : rules.required) required.push_back(name.text);
  note("missing_groups", without(required, groups.names));
  MeasuredGroups forbidden;
  for (size_t i = 0; i < groups.names.size(); ++i) {
    if (rule.forbidden.hold(groups.names[i])) forbidden.push_back(groups.shown[i]);
  }
  note("forbidden_groups", forbidden);
  if (earlier != nullptr && rules.added) note("group_additions", without(groups.names, *earlier));
  if (earlier != nullptr && rules.deleted) note("group_deletions", without(*earlier, groups.names));
  return out;
}

}  // namespace metl::quality

#include "quality/evaluate/group_check.h"

#include <fmt/format.h>

#include <algorithm>

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

}  // namespace

std::string group_name(const std::vector<Value>& row, const std::vector<size_t>& fields) {
  std::vector<std::string> parts;
  for (const size_t field : fields) parts.push_back(group_text(row[field]));
  return fmt::format("{}", fmt::join(parts, ","));
}

std::vector<std::pair<std::string, std::string>> group_differences(const GroupRule& rule, const MeasuredGroups& groups,
                                                                   const MeasuredGroups* earlier) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto note = [&](const char* what, const MeasuredGroups& names) {
    if (!names.empty()) out.emplace_back(what, fmt::format("[{}]", fmt::join(names, ", ")));
  };
  const GroupRules& rules = rule.rules;
  MeasuredGroups required;
  for (const auto& name : rules.required) required.push_back(name.text);
  note("missing_groups", without(required, groups));
  MeasuredGroups forbidden = groups;
  std::erase_if(forbidden, [&](const auto& name) { return !rule.forbidden.hold(name); });
  note("forbidden_groups", forbidden);
  if (earlier != nullptr && rules.added) note("group_additions", without(groups, *earlier));
  if (earlier != nullptr && rules.deleted) note("group_deletions", without(*earlier, groups));
  return out;
}

}  // namespace metl::quality

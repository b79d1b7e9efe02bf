#include "quality/syntax/group_settings.h"

#include <fmt/format.h>

#include "base/text.h"
#include "quality/syntax/schema_settings.h"

namespace metl::quality {

GroupRules read_group_rules(const yaml::Node& node, const std::string& file, std::string_view zone,
                            Findings& findings) {
  static const std::vector<std::string> kRules = {"when required group missing", "when forbidden group present",
                                                  "when groups change"};
  if (!node.is_map() || node.size() == 0) {
    throw Problem{location_of(file, node),
                  fmt::format("'{}' of a group evolution must hold rules such as 'when groups change: any'", zone)};
  }
  GroupRules rules;
  const auto read = [&](const std::string& key, const yaml::Node& value) {
    if (key == kRules[0]) {
      rules.required = read_names(value, file, key, "group", "[NL, BE]", findings);
    } else if (key == kRules[1]) {
      rules.forbidden = read_names(value, file, key, "group", "[NL, BE]", findings);
    } else if (key == kRules[2]) {
      const auto changes = read_changes(value, file, key, {"group add", "group delete"});
      rules.added = changes[0];
      rules.deleted = changes[1];
    } else {
      return false;
    }
    return true;
  };
  for (const auto& entry : node) {
    const std::string key = entry.first.is_scalar() ? entry.first.text() : "";
    try {
      if (read(key, entry.second)) continue;
      findings.errors.push_back(
          {location_of(file, entry.first),
           fmt::format("'{}' is not a rule of a group evolution.{}", key, text::did_you_mean(key, kRules))});
    } catch (const Problem& p) {
      if (!findings.compat) throw;
      // Soda Core judges by the zone's other rules.
      findings.errors.push_back({p.at, p.message});
    }
  }
  return rules;
}

bool set_group_evolution(GroupEvolutionBody& body, const std::string& key, const std::string& file,
                         const yaml::Node& value) {
  if (key == "query")
    body.query = text_of(file, value, key);
  else if (key == "fields")
    body.fields = read_fields(value, file);
  else
    return false;
  return true;
}

void require_whole(const GroupEvolutionBody& body, const Location& at) {
  if (!body.query.text.empty() && (body.warn || body.fail)) return;
  throw Problem{at,
                "'group evolution' needs 'query', and rules under 'warn' or 'fail', as in 'fail: {when groups change: "
                "any}'"};
}

std::vector<std::string> read_fields(const yaml::Node& value, const std::string& file) {
  if (!value.is_sequence()) throw Problem{location_of(file, value), "'fields' must be a list of columns of the query"};
  std::vector<std::string> out;
  for (const auto& field : value) out.push_back(text_of(file, field, "a field").text);
  return out;
}

}  // namespace metl::quality

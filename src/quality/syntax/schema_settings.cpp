// The rules of a `schema` check's warn and fail zones: YAML -> SchemaRules.
#include "quality/syntax/schema_settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

const std::vector<std::string>& known_rules() {
  static const std::vector<std::string> kRules{"when required column missing", "when forbidden column present",
                                               "when wrong column type",       "when wrong column index",
                                               "when mismatching columns",     "with optional columns",
                                               "when schema changes"};
  return kRules;
}

std::vector<Text> texts(const std::string& file, const yaml::Node& node, const std::string& key, Findings& findings) {
  return read_names(node, file, key, "column", "[id, name]", findings);
}

std::vector<std::pair<Text, Text>> pairs(const std::string& file, const yaml::Node& node, const std::string& key,
                                         std::string_view example) {
  if (!node.is_map() || node.size() == 0) {
    throw Problem{location_of(file, node), fmt::format("'{}' must map columns, as in '{}'", key, example)};
  }
  std::vector<std::pair<Text, Text>> out;
  for (const auto& entry : node) {
    out.emplace_back(text_of(file, entry.first, "a column"), text_of(file, entry.second, "the value of a column"));
  }
  return out;
}

// A type that is NULL is any.
std::vector<std::pair<Text, Text>> types(const std::string& file, const yaml::Node& node, const std::string& key) {
  constexpr std::string_view kExample = "{id: bigint}";
  if (!node.is_map() || node.size() == 0) return pairs(file, node, key, kExample);
  std::vector<std::pair<Text, Text>> out;
  for (const auto& entry : node) {
    const Text column = text_of(file, entry.first, "a column");
    if (entry.second.is_null()) {
      out.emplace_back(column, Text{"", location_of(file, entry.second)});
      continue;
    }
    out.emplace_back(column, text_of(file, entry.second, "the type of a column"));
    if (text::trim(out.back().second.text).empty()) {
      throw Problem{out.back().second.at,
                    fmt::format("the type of column '{}' is an empty text; write nothing behind the colon for any type",
                                column.text)};
    }
  }
  return out;
}

// Adds one rule of a zone. False when there is none of that name.
bool add_rule(SchemaRules& rules, const std::string& key, const yaml::Node& value, const std::string& file,
              Findings& findings) {
  if (key == "when required column missing") {
    rules.required = texts(file, value, key, findings);
  } else if (key == "when forbidden column present") {
    rules.forbidden = texts(file, value, key, findings);
  } else if (key == "when wrong column type") {
    rules.types = types(file, value, key);
  } else if (key == "when mismatching columns") {
    rules.exactly = types(file, value, key);
  } else if (key == "with optional columns") {
    for (auto& text : texts(file, value, key, findings)) rules.optional_columns.push_back(text.text);
  } else if (key == "when wrong column index") {
    for (auto& [column, index] : pairs(file, value, key, "{id: 0}")) {
      const auto number = parse_number(index.text);
      if (!number || *number < 0 || *number > 1e6 || *number != static_cast<double>(static_cast<int64_t>(*number))) {
        throw Problem{index.at, fmt::format("a column's index is a whole number from 0, but is '{}'", index.text)};
      }
      rules.positions.emplace_back(column, static_cast<int64_t>(*number));
    }
  } else if (key == "when schema changes") {
    const auto changes =
        read_changes(value, file, key, {"column add", "column delete", "column type change", "column index change"});
    rules.changes = {changes[0], changes[1], changes[2], changes[3]};
  } else {
    return false;
  }
  return true;
}

}  // namespace

SchemaRules read_schema_rules(const yaml::Node& node, const std::string& file, std::string_view zone,
                              Findings& findings) {
  if (!node.is_map() || node.size() == 0) {
    throw Problem{location_of(file, node),
                  fmt::format("'{}' of a schema check must hold rules such as 'when required column "
                              "missing: [id]'",
                              zone)};
  }
  SchemaRules rules;
  for (const auto& entry : node) {
    const std::string key = entry.first.is_scalar() ? entry.first.text() : "";
    try {
      if (!add_rule(rules, key, entry.second, file, findings))
        throw Problem{location_of(file, entry.first), fmt::format("'{}' is not a rule of a schema check.{}", key,
                                                                  text::did_you_mean(key, known_rules()))};
      if (key == "with optional columns" && !node["when mismatching columns"].is_defined())
        throw Problem{location_of(file, entry.first),
                      "'with optional columns' does nothing alone: it names those of 'when mismatching columns' that "
                      "may be missing"};
    } catch (const Problem& p) {
      if (!findings.compat) throw;
      // Soda Core judges by the zone's other rules.
      findings.errors.push_back({p.at, p.message});
    }
  }
  return rules;
}

std::vector<Text> read_names(const yaml::Node& node, const std::string& file, const std::string& rule,
                             std::string_view what, std::string_view example, Findings& findings) {
  if (is_none_to_soda(node, file, rule, findings)) return {};
  if (!node.is_sequence() || node.size() == 0) {
    throw Problem{location_of(file, node),
                  fmt::format("'{}' must be a list of {}s, as in '{}: {}'", rule, what, rule, example)};
  }
  std::vector<Text> out;
  for (const auto& item : node) {
    refuse_date_of_soda(item, file, rule, findings);
    out.push_back(text_of(file, item, fmt::format("a {}", what)));
  }
  return out;
}

std::vector<bool> read_changes(const yaml::Node& node, const std::string& file, const std::string& rule,
                               const std::vector<std::string>& known) {
  if (node.is_scalar() && node.text() == "any") return std::vector<bool>(known.size(), true);
  if (!node.is_sequence() || node.size() == 0) {
    throw Problem{location_of(file, node),
                  fmt::format("'{}' must be 'any' or a list of: {}", rule, fmt::join(known, ", "))};
  }
  std::vector<bool> out(known.size(), false);
  for (const auto& item : node) {
    const Text change = text_of(file, item, "a change");
    const auto found = std::find(known.begin(), known.end(), change.text);
    if (found == known.end()) {
      throw Problem{change.at, fmt::format("'{}' is not a change that '{}' knows.{} It knows: {}", change.text, rule,
                                           text::did_you_mean(change.text, known), fmt::join(known, ", "))};
    }
    out[static_cast<size_t>(found - known.begin())] = true;
  }
  return out;
}

}  // namespace metl::quality

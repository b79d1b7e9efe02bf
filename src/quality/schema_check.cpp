#include "quality/schema_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "quality/pattern.h"

namespace metl::quality {
namespace {

class Differences {
 public:
  Differences(const Schema& schema, bool compat) : schema_(schema), compat_(compat) {}

  std::vector<std::pair<std::string, std::string>> of(const SchemaRules& rules) {
    for (const auto& column : rules.required) find(column.text);
    for (const auto& pattern : rules.forbidden) forbid(pattern.text);
    for (const auto& [column, type] : rules.types) {
      if (const Field* field = find(column.text)) compare_type(*field, type.text);
    }
    for (const auto& [column, index] : rules.positions) {
      if (const Field* field = find(column.text)) compare_position(*field, index);
    }
    if (rules.exactly) exactly(*rules.exactly, rules.optional_columns);
    std::vector<std::pair<std::string, std::string>> out;
    if (!missing_.empty()) out.emplace_back("missing_column_names", fmt::format("[{}]", fmt::join(missing_, ", ")));
    if (!present_.empty())
      out.emplace_back("forbidden_present_column_names", fmt::format("[{}]", fmt::join(present_, ", ")));
    out.insert(out.end(), mismatches_.begin(), mismatches_.end());
    return out;
  }

 private:
  const Field* find(const std::string& name) {
    const Field* field = find_field(schema_, name);
    if (field == nullptr) note(missing_, name);
    return field;
  }
  void forbid(const std::string& pattern) {
    for (const auto& field : schema_) {
      // As in Soda Core the name only has to begin with it: "pii" also forbids "pii_email".
      if (matches_pattern(text::to_lower(field.name), text::to_lower(pattern), "%*", Extent::kBeginning)) {
        note(present_, field.name);
      }
    }
  }
  void compare_type(const Field& field, const std::string& type) {
    const auto expected = parse_type(type);
    if (expected && *expected == field.type) return;
    // Soda Core compares with DuckDB's names of types.
    if (compat_ && field.type.kind == Type::Kind::kTimestampNtz && text::to_lower(text::trim(type)) == "timestamp")
      return;
    mismatches_.emplace_back(
        fmt::format("column_type_mismatch[{}]", field.name),
        fmt::format("expected({}) actual({})", expected ? type_name(*expected) : type, type_name(field.type)));
  }
  void compare_position(const Field& field, int64_t expected) {
    const auto actual = &field - schema_.data();
    if (actual == expected) return;
    mismatches_.emplace_back(fmt::format("column_index_mismatch[{}]", field.name),
                             fmt::format("expected({}) actual({})", expected, actual));
  }
  void exactly(const std::vector<std::pair<Text, Text>>& columns, const std::vector<std::string>& optional) {
    const auto is_optional = [&](const std::string& name) {
      return std::any_of(optional.begin(), optional.end(),
                         [&](const auto& o) { return text::to_lower(o) == text::to_lower(name); });
    };
    for (const auto& [column, type] : columns) {
      const Field* field = find_field(schema_, column.text);
      if (field != nullptr)
        compare_type(*field, type.text);
      else if (!is_optional(column.text))
        note(missing_, column.text);
    }
    for (const auto& field : schema_) {
      const bool listed = std::any_of(columns.begin(), columns.end(), [&](const auto& c) {
        return text::to_lower(c.first.text) == text::to_lower(field.name);
      });
      if (!listed) note(present_, field.name);
    }
  }
  static void note(std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  }

  const Schema& schema_;
  bool compat_;
  std::vector<std::string> missing_, present_;
  std::vector<std::pair<std::string, std::string>> mismatches_;
};

}  // namespace

std::vector<std::pair<std::string, std::string>> schema_differences(const SchemaRules& rules, const Schema& schema,
                                                                    bool compat) {
  return Differences(schema, compat).of(rules);
}

MeasuredColumns columns_of(const Schema& schema) {
  MeasuredColumns out;
  for (const auto& field : schema) out.emplace_back(field.name, type_name(field.type));
  return out;
}

std::vector<std::pair<std::string, std::string>> schema_changes(const SchemaChanges& rules,
                                                                const MeasuredColumns& columns,
                                                                const MeasuredColumns& earlier) {
  const auto find = [](const MeasuredColumns& in, const std::string& name) {
    return std::find_if(in.begin(), in.end(),
                        [&](const auto& c) { return text::to_lower(c.first) == text::to_lower(name); });
  };
  std::vector<std::string> added;
  std::vector<std::string> deleted;
  std::vector<std::string> moved;
  std::vector<std::pair<std::string, std::string>> out;
  const auto note = [&](bool asked, const char* what, const std::vector<std::string>& names) {
    if (asked && !names.empty()) out.emplace_back(what, fmt::format("[{}]", fmt::join(names, ", ")));
  };
  for (const auto& [name, type] : earlier) {
    if (find(columns, name) == columns.end()) deleted.push_back(name);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto& [name, type] = columns[i];
    const auto before = find(earlier, name);
    if (before == earlier.end()) {
      added.push_back(name);
      continue;
    }
    if (before - earlier.begin() != static_cast<std::ptrdiff_t>(i))
      moved.push_back(fmt::format("{}[{}->{}]", name, before - earlier.begin(), i));
    if (rules.type && before->second != type) {
      out.emplace_back(fmt::format("column_type_change[{}]", name),
                       fmt::format("new_type({}) previous_type({})", type, before->second));
    }
  }
  note(rules.added, "column_additions", added);
  note(rules.deleted, "column_deletions", deleted);
  note(rules.position, "column_index_changes", moved);
  return out;
}

}  // namespace metl::quality

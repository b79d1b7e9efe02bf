#include "quality/evaluate/schema_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace metl::quality {
namespace {

bool same_name(std::string_view a, std::string_view b) { return text::to_lower(a) == text::to_lower(b); }

// As Soda Core's source for DuckDB has it.
bool same_to_soda(const std::string& expected, const std::string& actual) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kAliases{
      {{"character varying", "varchar"},
       {"double precision", "double"},
       {"timestamp without time zone", "timestamp"},
       {"decimal", "decimal(18,3)"}}};
  return expected == actual || std::any_of(kAliases.begin(), kAliases.end(), [&](const auto& alias) {
           return (alias.first == expected && alias.second == actual) ||
                  (alias.first == actual && alias.second == expected);
         });
}

class Comparison {
 public:
  Comparison(const SchemaRule& rule, const Schema& schema) : rule_(rule), schema_(schema) {}

  SchemaDifferences run() {
    const SchemaRules& rules = rule_.rules;
    for (const auto& column : rules.required) find(column.text);
    for (const auto& field : schema_) {
      if (rule_.forbidden.hold(field.name)) note(out_.present, field.name);
    }
    for (const auto& [column, type] : rules.types) {
      if (const Field* field = find(column.text)) compare_type(*field, type.text);
    }
    for (const auto& [column, index] : rules.positions) {
      if (const Field* field = find(column.text)) compare_position(*field, index);
    }
    if (rules.exactly) exactly(*rules.exactly, rules.optional_columns);
    return std::move(out_);
  }

 private:
  const Field* find(const std::string& name) {
    const Field* field = find_field(schema_, name);
    if (field == nullptr) note(out_.missing, name);
    return field;
  }
  void compare_type(const Field& field, const std::string& type) {
    if (type.empty()) return;  // any
    if (rule_.database_type != nullptr) {
      const std::string actual = rule_.database_type(field.type);
      if (!same_to_soda(text::to_lower(text::trim(type)), actual)) out_.types.push_back({field.name, type, actual});
      return;
    }
    const auto expected = parse_type(type);
    if (expected && *expected == field.type) return;
    out_.types.push_back({field.name, expected ? type_name(*expected) : type, type_name(field.type)});
  }
  void compare_position(const Field& field, int64_t expected) {
    const auto actual = &field - schema_.data();
    if (actual == expected) return;
    const bool any_there = expected < static_cast<int64_t>(schema_.size());
    out_.places.push_back({field.name, expected, actual, any_there ? schema_[static_cast<size_t>(expected)].name : ""});
  }
  void exactly(const std::vector<std::pair<Text, Text>>& columns, const std::vector<std::string>& optional) {
    for (const auto& [column, type] : columns) {
      const Field* field = find_field(schema_, column.text);
      const bool may_be_missing = std::any_of(optional.begin(), optional.end(),
                                              [&, &name = column.text](const auto& o) { return same_name(o, name); });
      if (field != nullptr)
        compare_type(*field, type.text);
      else if (!may_be_missing)
        note(out_.missing, column.text);
    }
    for (const auto& field : schema_) {
      const bool listed = std::any_of(columns.begin(), columns.end(),
                                      [&](const auto& column) { return same_name(column.first.text, field.name); });
      if (!listed) note(out_.present, field.name);
    }
  }
  static void note(std::vector<std::string>& list, const std::string& name) {
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  }

  const SchemaRule& rule_;
  const Schema& schema_;
  SchemaDifferences out_;
};

}  // namespace

SchemaDifferences schema_differences(const SchemaRule& rule, const Schema& schema) {
  return Comparison(rule, schema).run();
}

MeasuredColumns columns_of(const Schema& schema) {
  MeasuredColumns out;
  for (const auto& field : schema) out.emplace_back(field.name, type_name(field.type));
  return out;
}

void add_schema_changes(const SchemaChanges& rules, const MeasuredColumns& columns, const MeasuredColumns& earlier,
                        SchemaDifferences& out) {
  const auto find = [](const MeasuredColumns& in, const std::string& name) {
    return std::find_if(in.begin(), in.end(), [&](const auto& column) { return same_name(column.first, name); });
  };
  for (const auto& [name, type] : earlier) {
    if (rules.deleted && find(columns, name) == columns.end()) out.deleted.push_back(name);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto& [name, type] = columns[i];
    const auto before = find(earlier, name);
    if (before == earlier.end()) {
      if (rules.added) out.added.push_back(name);
      continue;
    }
    const auto place = before - earlier.begin();
    if (rules.position && place != static_cast<std::ptrdiff_t>(i))
      out.changed_places.push_back({name, place, static_cast<int64_t>(i), ""});
    if (rules.type && before->second != type) out.changed_types.push_back({name, type, before->second});
  }
}

std::vector<std::pair<std::string, std::string>> texts_of(const SchemaDifferences& differences) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto list = [&](const char* what, const std::vector<std::string>& names) {
    if (!names.empty()) out.emplace_back(what, fmt::format("[{}]", fmt::join(names, ", ")));
  };
  list("missing_column_names", differences.missing);
  list("forbidden_present_column_names", differences.present);
  for (const auto& [column, expected, actual] : differences.types)
    out.emplace_back(fmt::format("column_type_mismatch[{}]", column),
                     fmt::format("expected({}) actual({})", expected, actual));
  for (const auto& [column, expected, actual, there] : differences.places)
    out.emplace_back(fmt::format("column_index_mismatch[{}]", column),
                     fmt::format("expected({}) actual({})", expected, actual));
  for (const auto& [column, now, before] : differences.changed_types)
    out.emplace_back(fmt::format("column_type_change[{}]", column),
                     fmt::format("new_type({}) previous_type({})", now, before));
  list("column_additions", differences.added);
  list("column_deletions", differences.deleted);
  std::vector<std::string> moved;
  for (const auto& [column, before, now, there] : differences.changed_places)
    moved.push_back(fmt::format("{}[{}->{}]", column, before, now));
  list("column_index_changes", moved);
  return out;
}

}  // namespace metl::quality

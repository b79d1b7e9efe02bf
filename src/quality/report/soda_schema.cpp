#include "quality/report/soda_schema.h"

#include <fmt/format.h>

#include "base/unicode.h"

namespace metl::quality {
namespace {

using Json = nlohmann::ordered_json;

std::string text(const std::string& any) { return text::valid_utf8(any); }

struct Event {
  std::string column;
  std::string what;
  std::string details;
};

// In Soda Core's order.
std::vector<Event> events_of(const SchemaDifferences& differences) {
  std::vector<Event> out;
  for (const auto& column : differences.deleted) out.push_back({column, "Column Deleted", ""});
  for (const auto& column : differences.added) out.push_back({column, "Column Added", ""});
  for (const auto& [column, before, now, there] : differences.changed_places)
    out.push_back({column, "Index Changed", fmt::format("Previous Index: {}; New Index: {}", before, now)});
  for (const auto& [column, now, before] : differences.changed_types)
    out.push_back({column, "Type Changed", fmt::format("Previous Type: {}; New Type: {}", before, now)});
  for (const auto& [column, expected, actual, there] : differences.places)
    out.push_back({column, "Index Mismatch", fmt::format("Expected Index: {}; Actual Index: {}", expected, actual)});
  for (const auto& [column, expected, actual] : differences.types)
    out.push_back({column, "Type Mismatch", fmt::format("Expected Type: {}; Actual Type: {}", expected, actual)});
  for (const auto& column : differences.present) out.push_back({column, "Forbidden Column Present", ""});
  for (const auto& column : differences.missing) out.push_back({column, "Required Column Missing", ""});
  return out;
}

std::string lines_of(const std::vector<Event>& events, std::string_view zone) {
  std::vector<std::string> lines;
  for (const auto& [column, what, details] : events)
    lines.push_back(fmt::format("{},:icon-{}: {}, {}", column, zone, what, details));
  return fmt::format("{}", fmt::join(lines, "\n"));
}

void add(Json& list, const std::vector<std::string>& columns) {
  for (const auto& column : columns) list.push_back(text(column));
}

void add_data(const SchemaDifferences& differences, Json& out) {
  add(out["column_additions"], differences.added);
  add(out["column_deletions"], differences.deleted);
  for (const auto& [column, before, now, there] : differences.changed_places)
    out["column_index_changes"][text(column)] = {{"previous_index", before}, {"new_index", now}};
  for (const auto& [column, expected, actual, there] : differences.places) {
    out["column_index_mismatches"][text(column)] = {
        {"expected_index", expected},
        {"actual_index", actual},
        {"column_on_expected_index", there.empty() ? Json(nullptr) : Json(text(there))}};
  }
  for (const auto& [column, now, before] : differences.changed_types)
    out["column_type_changes"][text(column)] = {{"previous_type", before}, {"new_type", now}};
  for (const auto& [column, expected, actual] : differences.types)
    out["column_type_mismatches"][text(column)] = {{"expected_type", text(expected)}, {"actual_type", text(actual)}};
  add(out["missing_column_names"], differences.missing);
  add(out["present_column_names"], differences.present);
}

Json block(const std::string& title, const std::string& csv) {
  return {{"type", "csv"}, {"text", text(csv)}, {"title", title}};
}

}  // namespace

Json soda_schema_diagnostics(const CheckResult& check) {
  Json out;
  out["blocks"] = Json::array();
  for (const auto* list : {"column_additions", "column_deletions"}) out[list] = Json::array();
  for (const auto* map :
       {"column_index_changes", "column_index_mismatches", "column_type_changes", "column_type_mismatches"})
    out[map] = Json::object();
  for (const auto* list : {"missing_column_names", "present_column_names"}) out[list] = Json::array();
  for (const auto* zone : {&check.schema_warns, &check.schema_fails}) add_data(*zone, out);

  std::string columns = "Column,Type";
  for (const auto& field : check.schema) columns += fmt::format("\n{},{}", field.name, type_name(field.type));
  if (!check.schema.empty()) out["blocks"].push_back(block("Schema", columns));
  const auto fails = events_of(check.schema_fails);
  const auto warns = events_of(check.schema_warns);
  const size_t events = fails.size() + warns.size();
  if (events > 0) {
    out["blocks"].push_back(block(
        "Diagnostics", fmt::format("Column,Event,Details\n{}\n{}", lines_of(fails, "fail"), lines_of(warns, "warn"))));
  }
  out["preferredChart"] = "bars";
  out["valueLabel"] = fmt::format("{} schema event(s)", events);
  const auto bar = [](std::string_view outcome, int64_t value) {
    return Json{{"label", outcome}, {"value", value}, {"outcome", outcome}};
  };
  out["valueSeries"]["values"] = {
      bar("fail", static_cast<int64_t>(fails.size())), bar("warn", static_cast<int64_t>(warns.size())),
      bar("pass", static_cast<int64_t>(check.schema.size()) - static_cast<int64_t>(events))};
  return out;
}

}  // namespace metl::quality

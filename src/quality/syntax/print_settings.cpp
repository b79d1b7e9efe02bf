#include "quality/syntax/print_settings.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

void add(YAML::Node& body, const std::string& key, const std::optional<Text>& text) {
  if (text) body.force_insert(key, text->text);
}

YAML::Node node_of(const Literal& literal) {
  YAML::Node out(literal.value.text);
  const std::string& text = literal.value.text;
  const std::string lower = text::to_lower(text);
  const bool reads_as_other =
      lower.empty() || lower == "true" || lower == "false" || lower == "null" || lower == "~" || parse_number(text);
  if (literal.kind == Literal::Kind::kText && reads_as_other) out.SetTag("!");
  return out;
}

void add(YAML::Node& body, const std::string& key, const std::optional<std::vector<Literal>>& values) {
  if (!values) return;
  YAML::Node list(YAML::NodeType::Sequence);
  for (const auto& value : *values) list.push_back(node_of(value));
  body.force_insert(key, list);
}

void add(YAML::Node& body, const std::string& key, const std::vector<Text>& texts) {
  if (texts.empty()) return;
  YAML::Node list(YAML::NodeType::Sequence);
  for (const auto& text : texts) list.push_back(text.text);
  body.force_insert(key, list);
}

void add(YAML::Node& body, const std::string& key, const std::vector<std::pair<Text, Text>>& pairs) {
  YAML::Node map(YAML::NodeType::Map);
  for (const auto& [column, value] : pairs)
    map.force_insert(column.text, value.text.empty() ? YAML::Node(YAML::NodeType::Null) : YAML::Node(value.text));
  if (!pairs.empty()) body.force_insert(key, map);
}

void add_changes(YAML::Node& out, const std::string& key, const std::vector<std::pair<std::string, bool>>& changes) {
  YAML::Node list(YAML::NodeType::Sequence);
  for (const auto& [change, meant] : changes) {
    if (meant) list.push_back(change);
  }
  if (list.size() > 0) out.force_insert(key, list);
}

YAML::Node node_of(const SchemaRules& rules) {
  YAML::Node out(YAML::NodeType::Map);
  add(out, "when required column missing", rules.required);
  add(out, "when forbidden column present", rules.forbidden);
  add(out, "when wrong column type", rules.types);
  std::vector<std::pair<Text, Text>> positions;
  for (const auto& [column, index] : rules.positions) positions.emplace_back(column, Text{std::to_string(index), {}});
  add(out, "when wrong column index", positions);
  if (rules.exactly) add(out, "when mismatching columns", *rules.exactly);
  std::vector<Text> optional;
  for (const auto& column : rules.optional_columns) optional.push_back({column, {}});
  add(out, "with optional columns", optional);
  add_changes(out, "when schema changes",
              {{"column add", rules.changes.added},
               {"column delete", rules.changes.deleted},
               {"column type change", rules.changes.type},
               {"column index change", rules.changes.position}});
  return out;
}

YAML::Node node_of(const GroupRules& rules) {
  YAML::Node out(YAML::NodeType::Map);
  add(out, "when required group missing", rules.required);
  add(out, "when forbidden group present", rules.forbidden);
  add_changes(out, "when groups change", {{"group add", rules.added}, {"group delete", rules.deleted}});
  return out;
}

// Those settings that are not as they are by default.
void add(YAML::Node& out, const AnomalySettings& settings) {
  const AnomalySettings usual;
  if (settings.warn_only) out.force_insert("warn_only", "true");
  YAML::Node severity(YAML::NodeType::Map);
  if (settings.warning_ratio != usual.warning_ratio)
    severity.force_insert("warning_ratio", fmt::format("{}", settings.warning_ratio));
  if (settings.min_confidence_interval_ratio != usual.min_confidence_interval_ratio)
    severity.force_insert("min_confidence_interval_ratio", fmt::format("{}", settings.min_confidence_interval_ratio));
  if (severity.size() > 0) out.force_insert("severity_level_parameters", severity);
  if (settings.window_length == usual.window_length) return;
  YAML::Node training(YAML::NodeType::Map);
  training.force_insert("window_length", fmt::format("{}", settings.window_length));
  out.force_insert("training_dataset_parameters", training);
}

void add_body(YAML::Node& out, const MetricBody& body) {
  add_validity(out, body.validity, "");
  if (body.user_metric) {
    const bool expression = body.user_metric->kind == UserMetric::Kind::kExpression;
    add(out, body.user_metric->name + (expression ? " expression" : " query"), body.user_metric->sql);
  }
  add(out, "failed rows query", body.failed_rows_query);
  add(out, "distribution reference file", body.distribution.file);
  add(out, "method", body.distribution.method);
  add(out, "sample", body.distribution.sample);
  add(out, body.anomaly);
}
void add_body(YAML::Node& out, const SchemaBody& body) {
  if (body.warn) out.force_insert("warn", node_of(*body.warn));
  if (body.fail) out.force_insert("fail", node_of(*body.fail));
}
void add_body(YAML::Node& out, const FailedRowsBody& body) {
  add(out, "fail condition", body.condition);
  add(out, "fail query", body.query);
}
void add_body(YAML::Node& out, const GroupByBody& body) {
  add(out, "query", body.query);
  YAML::Node fields(YAML::NodeType::Sequence);
  for (const auto& field : body.fields) fields.push_back(field);
  out.force_insert("fields", fields);
  if (body.group_limit != GroupByBody{}.group_limit) out.force_insert("group_limit", std::to_string(body.group_limit));
  YAML::Node checks(YAML::NodeType::Sequence);
  for (const auto& check : body.checks) checks.push_back(node_of(check));
  out.force_insert("checks", checks);
}
void add_body(YAML::Node& out, const GroupEvolutionBody& body) {
  add(out, "query", body.query);
  YAML::Node fields(YAML::NodeType::Sequence);
  for (const auto& field : body.fields) fields.push_back(field);
  if (!body.fields.empty()) out.force_insert("fields", fields);
  if (body.warn) out.force_insert("warn", node_of(*body.warn));
  if (body.fail) out.force_insert("fail", node_of(*body.fail));
}
void add_body(YAML::Node&, const ReferenceLine&) {}
void add_body(YAML::Node&, const SameRowCountLine&) {}

}  // namespace

void add_validity(YAML::Node& body, const Validity& validity, const std::string& suffix) {
  const Validity& v = validity;
  add(body, "missing values" + suffix, v.missing_values);
  add(body, "valid values" + suffix, v.valid_values);
  add(body, "invalid values" + suffix, v.invalid_values);
  const std::array<std::pair<std::string_view, const std::optional<Text>*>, 11> texts{
      {{"missing format", &v.missing_format},
       {"missing regex", &v.missing_regex},
       {"valid format", &v.valid_format},
       {"valid regex", &v.valid_regex},
       {"invalid format", &v.invalid_format},
       {"invalid regex", &v.invalid_regex},
       {"valid min", &v.valid_min},
       {"valid max", &v.valid_max},
       {"valid length", &v.valid_length},
       {"valid min length", &v.valid_min_length},
       {"valid max length", &v.valid_max_length}}};
  for (const auto& [key, text] : texts) add(body, std::string(key) + suffix, *text);
  if (v.include_null) body.force_insert("include null" + suffix, *v.include_null ? "true" : "false");
}

YAML::Node settings_of(const Check& check) {
  YAML::Node out(YAML::NodeType::Map);
  add(out, "name", check.name);
  if (!check.identity.empty()) out.force_insert("identity", check.identity);
  if (!check.written_warn.empty()) out.force_insert("warn", check.written_warn);
  if (!check.written_fail.empty()) out.force_insert("fail", check.written_fail);
  add(out, "filter", check.filter);
  std::visit([&out](const auto& body) { add_body(out, body); }, check.body);
  if (check.samples_limit) out.force_insert("samples limit", std::to_string(*check.samples_limit));
  if (check.on_bad_rows) {
    YAML::Node rows(YAML::NodeType::Map);
    rows.force_insert("action", "quarantine");
    rows.force_insert("max", check.on_bad_rows->most);
    out.force_insert("on_bad_rows", rows);
  }
  YAML::Node attributes(YAML::NodeType::Map);
  for (const auto& [name, value] : check.attributes) attributes.force_insert(name, value.text);
  if (!check.attributes.empty()) out.force_insert("attributes", attributes);
  return out;
}

YAML::Node node_of(const Check& check) {
  const YAML::Node settings = settings_of(check);
  if (settings.size() == 0) return YAML::Node(check.line);
  YAML::Node out(YAML::NodeType::Map);
  out.force_insert(check.line, settings);
  return out;
}

}  // namespace metl::quality

#include "quality/plan/history_key.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/text.h"

namespace metl::quality {
namespace {

using nlohmann::json;

class Settings {
 public:
  Settings(json& out, const Variables& variables) : out_(out), variables_(variables) {}

  void add(const Validity& validity) {
    add("missing values", validity.missing_values);
    add("missing format", validity.missing_format);
    add("missing regex", validity.missing_regex);
    add("valid values", validity.valid_values);
    add("valid format", validity.valid_format);
    add("valid regex", validity.valid_regex);
    add("valid min", validity.valid_min);
    add("valid max", validity.valid_max);
    add("valid length", validity.valid_length);
    add("valid min length", validity.valid_min_length);
    add("valid max length", validity.valid_max_length);
    add("invalid values", validity.invalid_values);
    add("invalid format", validity.invalid_format);
    add("invalid regex", validity.invalid_regex);
    if (validity.include_null.value_or(false)) out_["include null"] = true;
  }
  void add(const char* name, const std::optional<Text>& text) {
    if (text) out_[name] = text::trim(variables_.fill(*text));
  }
  void add(const char* name, const std::optional<std::vector<Literal>>& list) {
    if (!list) return;
    out_[name] = json::array();
    for (const auto& literal : *list) out_[name].push_back(variables_.fill(literal.value));
  }

 private:
  json& out_;
  const Variables& variables_;
};

}  // namespace

std::string metric_key(const Check& check, const MetricBody& body, const MetricContext& context,
                       const std::string& where, const std::string& column) {
  json out = {{"dataset", text::to_lower(context.source.dataset)}, {"metric", body.line.metric.name}};
  if (!context.source.partition.empty()) {
    out["partition"] = context.source.partition;
    out["where"] = text::trim(where);
  }
  for (const auto& argument : body.line.metric.arguments)
    out["arguments"].push_back(text::to_lower(context.variables.fill(argument.text, check.at)));
  Settings settings(out, context.variables);
  settings.add("filter", check.filter);
  if (body.user_metric) settings.add("sql", body.user_metric->sql);
  settings.add(column.empty() ? body.validity : validity_of_column(body.validity, column, context));
  return on_one_line(out);
}

std::string schema_key(const Source& source) {
  return on_one_line(json{{"dataset", text::to_lower(source.dataset)}, {"metric", "schema"}});
}

std::string groups_key(const Source& source, const std::string& query, const std::vector<std::string>& fields) {
  return on_one_line(json{{"dataset", text::to_lower(source.dataset)},
                          {"metric", "group evolution"},
                          {"query", text::trim(query)},
                          {"fields", fields}});
}

}  // namespace metl::quality

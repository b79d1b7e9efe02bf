#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "base/time.h"
#include "base/unicode.h"
#include "quality/model/identity.h"
#include "quality/model/timestamp.h"
#include "quality/report/finding.h"
#include "quality/report/soda.h"
#include "quality/report/soda_schema.h"

namespace metl::quality {
namespace {

using Json = nlohmann::ordered_json;

Json json(std::string_view text) { return text::valid_utf8(text); }
Json json_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : json(text); }
Json value_json(const Value& value) {
  if (is_null(value)) return nullptr;
  if (const auto* text = std::get_if<std::string>(&value)) return json(*text);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean;
  return std::get<int64_t>(value);
}
Json json(const Bounds& bounds) {
  Json out = Json::object();
  for (const auto& [name, value] : bounds) out[name] = value;
  return out;
}
Json json(std::chrono::system_clock::time_point time) { return iso_utc(time).substr(0, 19) + "+00:00"; }
Json json(const Location& at) { return {{"filePath", json(at.file)}, {"line", at.line}, {"col", at.column}}; }

Json columns_json(const Schema& schema) {
  Json out = Json::array();
  for (const auto& field : schema)
    out.push_back({{"columnName", json(field.name)}, {"sourceDataType", type_name(field.type)}});
  return out;
}

class Writer {
 public:
  Writer(const ScanResult& result, const SodaScan& scan) : result_(result), scan_(scan) {}

  Json write() {
    Json checks = Json::array();
    std::string group_by;  // its identity; its groups stand behind it
    for (const auto& check : result_.checks) {
      if (check.metric == "group_by") group_by = identity(check, true, true);
      if (check.metric == "group_by" || check.outcome == Outcome::kNotEvaluated) continue;
      checks.push_back(check_of(check, group_by));
    }
    Json out;
    out["definitionName"] = json(scan_.definition_name);
    out["defaultDataSource"] = json(scan_.data_source);
    out["dataTimestamp"] = json(scan_.data_time);
    out["scanStartTimestamp"] = json(scan_.started);
    out["scanEndTimestamp"] = json(scan_.ended);
    out["hasErrors"] = !result_.errors.empty();
    out["hasWarnings"] = result_.count(Outcome::kWarn) > 0;
    out["hasFailures"] = result_.count(Outcome::kFail) > 0;
    out["metrics"] = metrics();
    out["checks"] = std::move(checks);
    out["queries"] = queries();
    out["automatedMonitoringChecks"] = Json::array();
    out["profiling"] = profiles();
    out["metadata"] = discovered();
    out["logs"] = logs();
    out["sourceOwner"] = "soda-core";
    return out;
  }

 private:
  std::string identity(const CheckResult& check, bool with_source, bool with_file) const {
    std::string text = check.origin.traits;
    if (with_source) text += scan_.data_source;
    if (with_file) text += std::filesystem::path(check.location.file).filename().string();
    return short_hash(text);
  }

  // "metric-SCAN-SOURCE-DATASET-PARTITION-COLUMN-METRIC-HASH", without what there is not.
  std::string metric_identity(const CheckResult& check, const std::string& metric, const std::string& column) const {
    std::string out = "metric";
    const std::string& traits = check.origin.metric_traits;
    for (const auto& part : {scan_.definition_name, scan_.data_source, check.dataset, check.partition, column, metric,
                             traits.empty() ? "" : short_hash(traits)}) {
      if (!part.empty()) out += "-" + part;
    }
    return text::valid_utf8(out);
  }
  // Freshness is a check there, of the metric `max`; a check in a group measures what bears its name.
  static std::string metric_of(const CheckResult& check) {
    if (check.origin.group) return check.name;
    return check.metric == "freshness" ? "max" : check.metric;
  }

  Json metrics() const {
    Json out = Json::array();
    std::set<std::string> known;
    const auto add = [&](const std::string& identity, const std::string& name, Json value) {
      if (known.insert(identity).second)
        out.push_back({{"identity", identity}, {"metricName", json(name)}, {"value", std::move(value)}});
    };
    for (const auto& check : result_.checks) {
      if (check.metric == "group_by") continue;
      const std::string metric = metric_of(check);
      add(metric_identity(check, metric, check.column), metric, metric_value(check));
      for (const auto& [key, text] : check.diagnostics) {  // what a share was made of
        if (!key.ends_with("_count")) continue;
        const std::string column = key == "row_count" ? "" : check.column;
        add(metric_identity(check, key, column), key, Json::parse(text, nullptr, false));
      }
    }
    return out;
  }
  static Json metric_value(const CheckResult& check) {
    if (check.metric == "schema") return columns_json(check.schema);
    if (check.metric != "freshness") return value_json(check.value);
    for (const auto& [key, text] : check.diagnostics) {
      if (key == "max_column_timestamp") return text == to_text(Value{}) ? Json(nullptr) : json(text);
    }
    return nullptr;
  }

  Json check_of(const CheckResult& check, const std::string& group_by) const {
    Json out;
    if (check.origin.group) {
      const std::string name = check.name.substr(0, check.name.size() - check.origin.group->size() - 3);
      out["group"] = {{"identity", group_by}, {"name", json(name)}, {"distinctLabel", json(*check.origin.group)}};
    }
    out["identity"] = identity(check, true, true);
    out["identities"] = {{"v1", identity(check, false, false)},
                         {"v2", identity(check, true, false)},
                         {"v3", identity(check, true, true)}};
    if (!check.identity.empty()) out["identities"]["v4"] = json(check.identity);
    out["migratedIdentities"] = nullptr;
    out["name"] = json(check.name);
    out["type"] = "generic";
    out["definition"] = json(check.origin.yaml);
    out["resourceAttributes"] = Json::array();
    for (const auto& [name, value] : check.attributes) {
      out["resourceAttributes"].push_back({{"name", json(name)}, {"value", json(value)}});
    }
    out["location"] = json(check.location);
    out["dataSource"] = json(scan_.data_source);
    out["table"] = json_or_null(check.dataset);
    out["column"] = json_or_null(check.column);
    out["metrics"] = {metric_identity(check, metric_of(check), check.column)};
    out["outcome"] = to_text(check.outcome);
    out["diagnostics"] = check.metric == "schema" ? soda_schema_diagnostics(check) : diagnostics(check);
    out["source"] = "soda-core";
    return out;
  }

  static Json diagnostics(const CheckResult& check) {
    Json out;
    out["blocks"] = Json::array();
    out["value"] = value_json(check.value);
    if (check.metric == "freshness") out["measure"] = "time";
    for (const auto& [key, text] : check.diagnostics) {
      if (key == "rowCount" || key == "otherRowCount") out[key] = Json::parse(text, nullptr, false);
      if (check.metric == "freshness") out[camel(key)] = text == to_text(Value{}) ? Json(nullptr) : json(text);
    }
    if (!check.fails.empty()) out["fail"] = json(check.fails);
    if (!check.warns.empty()) out["warn"] = json(check.warns);
    return out;
  }
  // "max_column_timestamp" -> "maxColumnTimestamp"
  static std::string camel(std::string_view key) {
    std::string out;
    bool upper = false;
    for (const char c : key) {
      if (c != '_') out += upper ? static_cast<char>(c - 'a' + 'A') : c;
      upper = c == '_';
    }
    return out;
  }

  Json profiles() const {
    Json out = Json::array();
    for (const auto& profile : result_.survey.profiles) {
      Json columns = Json::array();
      for (const auto& column : profile.columns)
        columns.push_back({{"columnName", json(column.column.name)}, {"profile", profile_of(column)}});
      out.push_back({{"table", json(profile.dataset)},
                     {"dataSource", json(scan_.data_source)},
                     {"rowCount", profile.rows},
                     {"columnProfiles", std::move(columns)}});
    }
    return out;
  }
  // Every figure that any column has, null where this one has none; values as texts where they are the frequent ones.
  static Json profile_of(const ColumnProfile& column) {
    Json out;
    for (const auto* figure : {"mins", "maxs", "min", "max", "frequent_values", "avg", "sum", "stddev", "variance",
                               "distinct", "missing_count", "histogram", "avg_length", "min_length", "max_length"})
      out[figure] = nullptr;
    for (const auto& [name, values] : {std::pair{"min", &column.mins}, {"max", &column.maxs}}) {
      if (values->empty()) continue;
      for (const auto& value : *values) out[fmt::format("{}s", name)].push_back(as_number(value).value_or(0));
      out[name] = as_number(values->front()).value_or(0);
    }
    for (const auto& [value, count] : column.frequent)
      out["frequent_values"].push_back({{"value", json(to_text(value))}, {"frequency", count}});
    for (const auto& [name, value] : column.figures) {
      const auto number = as_number(value);
      // There, lengths are whole numbers, also on average.
      if (number) out[name] = name == "avg_length" ? Json(static_cast<int64_t>(*number)) : value_json(value);
    }
    if (!column.boundaries.empty())
      out["histogram"] = {{"boundaries", column.boundaries}, {"frequencies", column.frequencies}};
    return out;
  }

  Json discovered() const {
    Json out = Json::array();
    for (const auto& found : result_.survey.discovered) {
      out.push_back({{"table", json(found.dataset)},
                     {"dataSource", json(scan_.data_source)},
                     {"schema", columns_json(found.columns)}});
    }
    return out;
  }

  Json queries() const {
    Json out = Json::array();
    for (size_t i = 0; i < result_.queries.size(); ++i) {
      const QueryRun& query = result_.queries[i];
      const std::chrono::microseconds duration(static_cast<int64_t>(query.seconds * 1e6));
      out.push_back({{"name", json(soda_query_name(i + 1, query, scan_))},
                     {"dataSource", json(scan_.data_source)},
                     {"table", json_or_null(query.dataset)},
                     {"partition", json_or_null(query.partition)},
                     {"column", nullptr},
                     {"sql", json(query.sql)},
                     {"exception", json_or_null(query.error)},
                     {"duration", duration_text(duration)}});
    }
    return out;
  }

  Json logs() const {
    Json out = Json::array();
    const auto add = [&](std::string_view level, std::string_view message) -> Json& {
      out.push_back(
          {{"level", level}, {"message", json(message)}, {"timestamp", json(scan_.ended)}, {"index", out.size() + 1}});
      return out.back();
    };
    for (const auto& [level, list] : {std::pair{"warning", &result_.notices}, {"error", &result_.errors}}) {
      for (const auto& error : *list) {
        Json& log = add(level, error.message);
        if (error.location.line > 0) log["errorLocation"] = log["location"] = json(error.location);
      }
    }
    add("info", soda_verdict(result_));
    return out;
  }

  const ScanResult& result_;
  const SodaScan& scan_;
};

}  // namespace

nlohmann::ordered_json to_soda_json(const ScanResult& result, const SodaScan& scan) {
  return Writer(result, scan).write();
}

}  // namespace metl::quality

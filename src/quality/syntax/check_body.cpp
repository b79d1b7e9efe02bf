#include "quality/syntax/check_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "quality/syntax/anomaly_settings.h"
#include "quality/syntax/bad_rows.h"
#include "quality/syntax/check_line.h"
#include "quality/syntax/group_settings.h"
#include "quality/syntax/schema_settings.h"

namespace metl::quality {
namespace {

constexpr int64_t kMaxGroups = 100'000;

class CheckReader {
 public:
  CheckReader(const std::string& file, Findings& findings) : file_(file), findings_(findings) {}

  Check read(const yaml::Node& item) {
    const yaml::Node line = line_of(item);
    check_.line = std::string(text::trim(line.text()));
    check_.at = location_of(file_, line);
    CheckLine parsed;
    try {
      parsed = parse_check_line(line.text());
    } catch (const LineError& e) {
      throw Problem{check_.at, fmt::format("\"{}\" is not a check: {}", check_.line, e.message)};
    }
    std::visit([this](auto& part) { start(part); }, parsed);
    const yaml::Node body = item.is_map() ? yaml::Node(item.begin()->second) : yaml::Node();
    if (body.is_map()) {
      for (const auto& entry : body) guarded([&] { setting(entry.first, entry.second); });
    } else if (body.is_defined() && !body.is_null()) {
      throw Problem{location_of(file_, body),
                    fmt::format("under \"{}\" settings are expected, as in 'name: ...'", check_.line)};
    }
    try {
      complete();
    } catch (const Problem& p) {
      // What is missing may be what could not be read: one message is enough.
      if (check_.reading == Check::Reading::kWhole) findings_.errors.push_back({p.at, p.message});
      check_.reading = Check::Reading::kUnusable;
    }
    return std::move(check_);
  }

 private:
  yaml::Node line_of(const yaml::Node& item) const {
    if (item.is_scalar()) return item;
    if (!item.is_map() || item.size() == 0)
      throw Problem{location_of(file_, item), "a check is expected, as in '- row_count > 0'"};
    yaml::Node first = item.begin()->first;
    if (!first.is_scalar()) throw Problem{location_of(file_, item), "a check is expected, as in '- row_count > 0'"};
    if (item.size() > 1) misplaced(item);
    return first;
  }

  // Soda Core passes over it where the check has settings of its own, and loses the file where it has none.
  void misplaced(const yaml::Node& item) const {
    const yaml::Node first = item.begin()->first;
    const yaml::Node second = std::next(item.begin())->first;
    const std::string message =
        fmt::format("'{}' stands at the same indentation as the check \"{}\"; indent it by two more spaces",
                    second.is_scalar() ? second.text() : "this", first.text());
    if (!findings_.compat || !item.begin()->second.is_map()) throw Problem{location_of(file_, second), message};
    findings_.notices.push_back({location_of(file_, second), message});
  }

  // A wrong setting must not take the check out of the results: it is listed as not evaluated.
  template <typename Part>
  void guarded(const Part& part) {
    try {
      part();
    } catch (const Problem& p) {
      findings_.errors.push_back({p.at, p.message});
      check_.reading = Check::Reading::kPartly;
    }
  }

  void start(MetricLine& line) {
    if (line.deprecated_syntax) {
      findings_.notices.push_back(
          {check_.at,
           line.history == AgainstHistory::kAnomaly
               ? fmt::format("'anomaly score' is deprecated; write anomaly detection for {}", line.metric.name)
               : "'freshness using' is deprecated; write freshness(column) < 1d"});
    }
    check_.body = MetricBody{std::move(line), {}, {}, {}, {}, {}};
  }
  void start(ReferenceLine& line) { check_.body = std::move(line); }
  void start(SameRowCountLine& line) { check_.body = std::move(line); }
  void start(BlockLine& line) {
    switch (line) {
      case BlockLine::kSchema:
        check_.body = SchemaBody{};
        break;
      case BlockLine::kFailedRows:
        check_.body = FailedRowsBody{};
        break;
      case BlockLine::kGroupBy:
        check_.body = GroupByBody{};
        break;
      case BlockLine::kGroupEvolution:
        check_.body = GroupEvolutionBody{};
        break;
    }
  }

  void setting(const yaml::Node& key_node, const yaml::Node& value) {
    const std::string key = key_node.is_scalar() ? key_node.text() : "";
    if (key == "name")
      check_.name = name_of(value);
    else if (key == "identity")
      check_.identity = text_of(file_, value, key).text;
    else if (key == "samples limit")
      check_.samples_limit = whole_number(file_, value, key, 1'000'000'000);
    else if (key == "on_bad_rows")
      check_.on_bad_rows = read_on_bad_rows(value, file_);
    else if (key == "attributes")
      check_.attributes = read_attributes(file_, value);
    else if (key == "warn" || key == "fail")
      zone(key, value);
    else if (!std::visit([&](auto& body) { return setting_of(body, key, value); }, check_.body))
      findings_.errors.push_back({location_of(file_, key_node), unknown_setting(key, check_.line)});
  }

  // An empty one is none: the check is then called by its line.
  std::optional<Text> name_of(const yaml::Node& value) const {
    if (value.is_null() || (value.is_scalar() && value.text().empty())) return std::nullopt;
    return text_of(file_, value, "name");
  }

  bool setting_of(MetricBody& body, const std::string& key, const yaml::Node& value) {
    if (key == "filter") {
      check_.filter = text_of(file_, value, key);
      return true;
    }
    if (set_validity(body.validity, key, file_, value, findings_)) return true;
    if (body.line.history == AgainstHistory::kAnomaly && set_anomaly(body.anomaly, key, file_, value)) return true;
    if (key == "failed rows query" || key == "failed rows sql_file") {
      body.failed_rows_query = text_of(file_, value, key);
      if (key.ends_with("sql_file")) body.failed_rows_query->text = sql_of_file(file_, *body.failed_rows_query);
      return true;
    }
    if (body.line.metric.name == "distribution_difference" && set_distribution(body.distribution, key, value))
      return true;
    for (const auto& [suffix, kind, from_file] : {std::tuple{" expression", UserMetric::Kind::kExpression, false},
                                                  std::tuple{" query", UserMetric::Kind::kQuery, false},
                                                  std::tuple{" sql_file", UserMetric::Kind::kQuery, true}}) {
      if (!key.ends_with(suffix)) continue;
      UserMetric metric{kind, key.substr(0, key.size() - std::string_view(suffix).size()), text_of(file_, value, key)};
      if (metric.name != body.line.metric.name) {
        throw Problem{metric.sql.at, fmt::format("'{}' defines a metric '{}', but the check is about '{}'", key,
                                                 metric.name, body.line.metric.name)};
      }
      if (from_file) metric.sql.text = sql_of_file(file_, metric.sql);
      body.user_metric = std::move(metric);
      return true;
    }
    return is_known_elsewhere(key);
  }

  bool set_distribution(DistributionSettings& settings, const std::string& key, const yaml::Node& value) {
    for (const auto& [name, setting] : {std::pair{"distribution reference file", &settings.file},
                                        {"method", &settings.method},
                                        {"sample", &settings.sample}}) {
      if (key != name) continue;
      *setting = text_of(file_, value, key);
      return true;
    }
    return false;
  }

  // Settings of other metrics: taken, as in Soda Core, but not without a word.
  bool is_known_elsewhere(const std::string& key) {
    constexpr std::array<std::string_view, 7> kKeys{"condition",
                                                    "method",
                                                    "model",
                                                    "warn_only",
                                                    "training_dataset_parameters",
                                                    "severity_level_parameters",
                                                    "take_over_existing_anomaly_score_check"};
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) return false;
    findings_.notices.push_back({check_.at, fmt::format("'{}' does nothing under \"{}\"", key, check_.line)});
    return true;
  }
  bool setting_of(SchemaBody&, const std::string&, const yaml::Node&) { return false; }
  bool setting_of(SameRowCountLine&, const std::string&, const yaml::Node&) { return false; }
  bool setting_of(ReferenceLine&, const std::string&, const yaml::Node&) { return false; }
  bool setting_of(FailedRowsBody& body, const std::string& key, const yaml::Node& value) {
    if (key == "fail condition")
      body.condition = text_of(file_, value, key);
    else if (key == "fail query")
      body.query = text_of(file_, value, key);
    else
      return false;
    return true;
  }
  bool setting_of(GroupByBody& body, const std::string& key, const yaml::Node& value) {
    if (key == "query") {
      body.query = text_of(file_, value, key);
    } else if (key == "group_limit") {
      body.group_limit = whole_number(file_, value, key, kMaxGroups);
    } else if (key == "fields") {
      body.fields = read_fields(value, file_);
    } else if (key == "checks") {
      if (!value.is_sequence()) throw Problem{location_of(file_, value), "'checks' must be a list of checks"};
      for (const auto& item : value) {
        Check check = read_check(item, file_, findings_);
        if (!std::holds_alternative<MetricBody>(check.body))
          throw Problem{check.at, "only metric checks can stand in a group by"};
        if (!check.name) throw Problem{check.at, "a check of a group by needs a 'name'"};
        body.checks.push_back(std::move(check));
      }
    } else {
      return false;
    }
    return true;
  }

  bool setting_of(GroupEvolutionBody& body, const std::string& key, const yaml::Node& value) {
    return set_group_evolution(body, key, file_, value);
  }

  void zone(const std::string& zone, const yaml::Node& value) {
    if (auto* groups = std::get_if<GroupEvolutionBody>(&check_.body)) {
      (zone == "warn" ? groups->warn : groups->fail) = read_group_rules(value, file_, zone, findings_);
      return;
    }
    if (auto* schema = std::get_if<SchemaBody>(&check_.body)) {
      (zone == "warn" ? schema->warn : schema->fail) = read_schema_rules(value, file_, zone, findings_);
      return;
    }
    const Text text = text_of(file_, value, zone);
    (zone == "warn" ? check_.written_warn : check_.written_fail) = text::trim(text.text);
    try {
      (zone == "warn" ? check_.warn : check_.fail) = parse_when(text.text);
    } catch (const LineError& e) {
      throw Problem{text.at, fmt::format("'{}: {}': {}", zone, text.text, e.message)};
    }
  }

  // "between 5 and 1" holds for nothing, and its negation for everything.
  void refuse_empty_range(const std::optional<Condition>& condition) {
    using Comparison = Condition::Comparison;
    if (!condition || condition->low.kind == Operand::Kind::kText || condition->high.kind == Operand::Kind::kText)
      return;
    const bool range =
        condition->comparison == Comparison::kBetween || condition->comparison == Comparison::kNotBetween;
    if (!range || condition->low.number <= condition->high.number) return;
    findings_.errors.push_back(
        {check_.at, fmt::format("'{}' holds no number: the smaller one comes first", to_text(*condition))});
    check_.reading = Check::Reading::kPartly;
  }

  void note_settings_without_effect(const MetricBody& body) {
    const std::string& metric = body.line.metric.name;
    const bool counts_rows = metric == "row_count" || metric.starts_with("duplicate_") || metric == "freshness";
    const Validity& v = body.validity;
    if ((counts_rows || body.user_metric) && (v.says_missing() || v.says_valid() || v.says_invalid())) {
      findings_.notices.push_back(
          {check_.at, fmt::format("what is missing or valid makes no difference to {}", metric)});
    }
  }

  void complete() {
    if (check_.on_bad_rows) require_judges_rows(check_);
    if (auto* metric = std::get_if<MetricBody>(&check_.body)) {
      for (const auto* condition : {&metric->line.pass, &check_.warn, &check_.fail}) refuse_empty_range(*condition);
      note_settings_without_effect(*metric);
      const bool learned = metric->line.history == AgainstHistory::kAnomaly;
      if (learned && (check_.warn || check_.fail)) {
        throw Problem{check_.at,
                      "an anomaly check has no 'warn' and 'fail' of its own: see 'severity_level_parameters' and "
                      "'warn_only'"};
      }
      if (!learned && !metric->line.pass && !check_.warn && !check_.fail) {
        throw Problem{
            check_.at,
            fmt::format("\"{}\" says what to measure, but not what is good: add a threshold, as in '{} > 0', or "
                        "'warn: when ...' and 'fail: when ...'",
                        check_.line, check_.line)};
      }
      if (metric->line.pass && (check_.warn || check_.fail)) {
        findings_.notices.push_back(
            {check_.at,
             fmt::format("\"{}\" has a threshold of its own: its 'warn' and 'fail' do nothing", check_.line)});
      }
    } else if (auto* schema = std::get_if<SchemaBody>(&check_.body)) {
      if (!schema->warn && !schema->fail) {
        throw Problem{
            check_.at,
            "'schema' needs rules under 'warn' or 'fail', as in 'fail: {when required column missing: [id]}'"};
      }
    } else if (auto* rows = std::get_if<FailedRowsBody>(&check_.body)) {
      if (rows->condition.has_value() == rows->query.has_value()) {
        throw Problem{check_.at,
                      "'failed rows' needs one of 'fail condition' (SQL that is true for a bad row) and 'fail query'"};
      }
    } else if (auto* group = std::get_if<GroupByBody>(&check_.body)) {
      if (group->query.text.empty() || group->fields.empty() || group->checks.empty()) {
        throw Problem{check_.at, "'group by' needs 'query', 'fields' and 'checks'"};
      }
    } else if (auto* groups = std::get_if<GroupEvolutionBody>(&check_.body)) {
      require_whole(*groups, check_.at);
    }
  }

  const std::string& file_;
  Findings& findings_;
  Check check_;
};

}  // namespace

Check read_check(const yaml::Node& item, const std::string& file, Findings& findings) {
  return CheckReader(file, findings).read(item);
}

}  // namespace metl::quality

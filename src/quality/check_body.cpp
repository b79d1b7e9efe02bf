#include "quality/check_body.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "quality/check_line.h"
#include "quality/schema_settings.h"

namespace metl::quality {
namespace {

constexpr size_t kMaxSqlFile = size_t{1024} * 1024;
constexpr int64_t kMaxGroups = 100'000;

class CheckReader {
 public:
  CheckReader(const std::string& file, Findings& findings) : file_(file), findings_(findings) {}

  Check read(const YAML::Node& item) {
    const YAML::Node line = line_of(item);
    check_.line = std::string(text::trim(line.Scalar()));
    check_.at = location_of(file_, line);
    CheckLine parsed;
    try {
      parsed = parse_check_line(line.Scalar());
    } catch (const LineError& e) {
      throw Problem{check_.at, fmt::format("\"{}\" is no check: {}", check_.line, e.message)};
    }
    std::visit([this](auto& part) { start(part); }, parsed);
    const YAML::Node body = item.IsMap() ? YAML::Node(item.begin()->second) : YAML::Node();
    if (body.IsMap()) {
      for (const auto& entry : body) guarded([&] { setting(entry.first, entry.second); });
    } else if (body.IsDefined() && !body.IsNull()) {
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
  YAML::Node line_of(const YAML::Node& item) const {
    if (item.IsScalar()) return item;
    if (!item.IsMap() || item.size() == 0)
      throw Problem{location_of(file_, item), "a check is expected, as in '- row_count > 0'"};
    YAML::Node first = item.begin()->first;
    if (!first.IsScalar()) throw Problem{location_of(file_, item), "a check is expected, as in '- row_count > 0'"};
    if (item.size() > 1) {
      const YAML::Node second = std::next(item.begin())->first;
      throw Problem{location_of(file_, second),
                    fmt::format("'{}' stands at the same indentation as the check \"{}\"; indent it by two more spaces",
                                second.IsScalar() ? second.Scalar() : "this", first.Scalar())};
    }
    return first;
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
      findings_.notices.push_back({check_.at, "'freshness using' is deprecated; write freshness(column) < 1d"});
    }
    check_.body = MetricBody{std::move(line), {}, {}, {}};
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
        throw Problem{check_.at, "not supported yet: group evolution needs a history of earlier scans"};
    }
  }

  void setting(const YAML::Node& key_node, const YAML::Node& value) {
    const std::string key = key_node.IsScalar() ? key_node.Scalar() : "";
    if (key == "name")
      check_.name = text_of(file_, value, key);
    else if (key == "identity")
      check_.identity = text_of(file_, value, key).text;
    else if (key == "samples limit")
      check_.samples_limit = whole_number(value, key, 1'000'000'000);
    else if (key == "attributes")
      attributes(value);
    else if (key == "warn" || key == "fail")
      zone(key, value);
    else if (!std::visit([&](auto& body) { return setting_of(body, key, value); }, check_.body))
      unknown(key_node, key);
  }

  bool setting_of(MetricBody& body, const std::string& key, const YAML::Node& value) {
    if (key == "filter") {
      check_.filter = text_of(file_, value, key);
      return true;
    }
    if (set_validity(body.validity, key, file_, value)) return true;
    if (key == "failed rows query") {
      body.failed_rows_query = text_of(file_, value, key);
      return true;
    }
    for (const auto& [suffix, kind, from_file] : {std::tuple{" expression", UserMetric::Kind::kExpression, false},
                                                  std::tuple{" query", UserMetric::Kind::kQuery, false},
                                                  std::tuple{" sql_file", UserMetric::Kind::kQuery, true}}) {
      if (!key.ends_with(suffix)) continue;
      UserMetric metric{kind, key.substr(0, key.size() - std::string_view(suffix).size()), text_of(file_, value, key)};
      if (metric.name != body.line.metric.name) {
        throw Problem{metric.sql.at, fmt::format("'{}' defines a metric '{}', but the check is about '{}'", key,
                                                 metric.name, body.line.metric.name)};
      }
      if (from_file) metric.sql.text = sql_of_file(metric.sql);
      body.user_metric = std::move(metric);
      return true;
    }
    return false;
  }
  bool setting_of(SchemaBody&, const std::string&, const YAML::Node&) { return false; }
  bool setting_of(SameRowCountLine&, const std::string&, const YAML::Node&) { return false; }
  bool setting_of(ReferenceLine&, const std::string&, const YAML::Node&) { return false; }
  bool setting_of(FailedRowsBody& body, const std::string& key, const YAML::Node& value) {
    if (key == "fail condition")
      body.condition = text_of(file_, value, key);
    else if (key == "fail query")
      body.query = text_of(file_, value, key);
    else
      return false;
    return true;
  }
  bool setting_of(GroupByBody& body, const std::string& key, const YAML::Node& value) {
    if (key == "query") {
      body.query = text_of(file_, value, key);
    } else if (key == "group_limit") {
      body.group_limit = whole_number(value, key, kMaxGroups);
    } else if (key == "fields") {
      if (!value.IsSequence())
        throw Problem{location_of(file_, value), "'fields' must be a list of columns of the query"};
      for (const auto& field : value) body.fields.push_back(text_of(file_, field, "a field").text);
    } else if (key == "checks") {
      if (!value.IsSequence()) throw Problem{location_of(file_, value), "'checks' must be a list of checks"};
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

  void zone(const std::string& zone, const YAML::Node& value) {
    if (auto* schema = std::get_if<SchemaBody>(&check_.body)) {
      (zone == "warn" ? schema->warn : schema->fail) = read_schema_rules(value, file_, zone, findings_);
      return;
    }
    const Text text = text_of(file_, value, zone);
    check_.written_zones += fmt::format(" {} {}", zone, text::trim(text.text));
    try {
      (zone == "warn" ? check_.warn : check_.fail) = parse_when(text.text);
    } catch (const LineError& e) {
      throw Problem{text.at, fmt::format("'{}: {}': {}", zone, text.text, e.message)};
    }
  }

  void attributes(const YAML::Node& value) {
    if (!value.IsMap()) throw Problem{location_of(file_, value), "'attributes' must map names to values"};
    for (const auto& entry : value) {
      const std::string name = text_of(file_, entry.first, "an attribute's name").text;
      if (!entry.second.IsSequence()) {
        check_.attributes.emplace_back(name, text_of(file_, entry.second, "an attribute"));
        continue;
      }
      Text list{"", location_of(file_, entry.second)};
      for (const auto& item : entry.second)
        list.text += (list.text.empty() ? "" : ", ") + text_of(file_, item, "an attribute").text;
      check_.attributes.emplace_back(name, list);
    }
  }

  int64_t whole_number(const YAML::Node& value, const std::string& key, int64_t most) const {
    const Text text = text_of(file_, value, key);
    const auto number = parse_number(text.text);
    if (!number || *number < 0 || *number > static_cast<double>(most) ||
        *number != static_cast<double>(static_cast<int64_t>(*number))) {
      throw Problem{text.at,
                    fmt::format("'{}' must be a whole number from 0 to {}, but is '{}'", key, most, text.text)};
    }
    return static_cast<int64_t>(*number);
  }

  // Beside the checks file, or else where the process stands.
  std::string sql_of_file(const Text& path) const {
    namespace fs = std::filesystem;
    for (const fs::path& candidate : {fs::path(file_).parent_path() / path.text, fs::path(path.text)}) {
      std::error_code failed;
      if (!fs::is_regular_file(candidate, failed)) continue;
      if (fs::file_size(candidate, failed) > kMaxSqlFile)
        throw Problem{path.at, fmt::format("{} is larger than 1 MiB", path.text)};
      std::ifstream in(candidate, std::ios::binary);
      std::ostringstream text;
      if (in && text << in.rdbuf()) return text.str();
    }
    throw Problem{path.at,
                  fmt::format("the SQL file {} cannot be read; it is looked for beside the checks file", path.text)};
  }

  void unknown(const YAML::Node& key_node, const std::string& key) {
    static const std::vector<std::string> kKeys = {
        "name",           "identity",       "warn",           "fail",          "filter",           "attributes",
        "samples limit",  "missing values", "missing format", "missing regex", "valid values",     "valid format",
        "valid regex",    "valid min",      "valid max",      "valid length",  "valid min length", "valid max length",
        "invalid values", "invalid format", "invalid regex",  "include null",  "fail condition",   "fail query",
        "query",          "fields",         "checks",         "group_limit",   "failed rows query"};
    findings_.errors.push_back(
        {location_of(file_, key_node),
         fmt::format("'{}' is no setting of the check \"{}\".{}", key, check_.line, text::did_you_mean(key, kKeys))});
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
    if (auto* metric = std::get_if<MetricBody>(&check_.body)) {
      for (const auto* condition : {&metric->line.pass, &check_.warn, &check_.fail}) refuse_empty_range(*condition);
      note_settings_without_effect(*metric);
      if (metric->line.history == AgainstHistory::kNo && !metric->line.pass && !check_.warn && !check_.fail) {
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
    }
  }

  const std::string& file_;
  Findings& findings_;
  Check check_;
};

}  // namespace

Location location_of(const std::string& file, const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? Location{file, 0, 0} : Location{file, mark.line + 1, mark.column + 1};
}

Text text_of(const std::string& file, const YAML::Node& node, std::string_view what) {
  if (!node.IsScalar()) throw Problem{location_of(file, node), fmt::format("'{}' must be a plain value", what)};
  return {node.Scalar(), location_of(file, node)};
}

Check read_check(const YAML::Node& item, const std::string& file, Findings& findings) {
  return CheckReader(file, findings).read(item);
}

}  // namespace metl::quality

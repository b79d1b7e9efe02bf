#include "quality/plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "quality/check_line.h"
#include "quality/pattern.h"
#include "quality/sources.h"

namespace metl::quality {
namespace {

Condition zero_threshold(Condition::Comparison comparison) {
  Condition out;
  out.comparison = comparison;
  out.low = {Operand::Kind::kNumber, 0, "0"};
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text::trim(text)) {
    const bool space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!space)
      out += c;
    else if (!out.ends_with(' '))
      out += ' ';
  }
  return out;
}

class Planner {
 public:
  Planner(const Document& document, Variables& variables, const DataAccess& data, bool compat, Plan& plan,
          std::vector<ScanError>& errors)
      : document_(document),
        variables_(variables),
        data_(data),
        compat_(compat),
        plan_(plan),
        errors_(errors),
        sources_(document, variables, data, plan) {}

  void run() {
    for (const auto& [name, value] : document_.variables) {
      guarded([this, name = name, value = value] { variables_.declare(name, value); });
    }
    for (const auto& section : document_.sections) {
      std::visit([this](const auto& part) { plan_section(part); }, section);
    }
  }

 private:
  // Runs a part of the planning; false when it ended in an error, which is then noted.
  template <typename Part>
  bool guarded(const Part& part, const Location& at = {}) {
    try {
      part();
      return true;
    } catch (const Problem& p) {
      errors_.push_back({p.at.line == 0 ? at : p.at, p.message});
    } catch (const Error& e) {
      if (e.code() == ExitCode::kInterrupted) throw;
      errors_.push_back({at, e.message() + (e.hint().empty() ? "" : ". " + e.hint())});
    }
    return false;
  }

  void plan_section(const ChecksSection& section) {
    std::string dataset = section.dataset.text;
    std::optional<size_t> source;
    guarded(
        [&] {
          dataset = variables_.fill(dataset, section.at);
          source = sources_.index_of(dataset, section.partition, section.at);
        },
        section.at);
    for (const auto& check : section.checks) plan_check(check, dataset, section.partition, source);
  }

  void plan_section(const ForEachSection& section) {
    guarded(
        [&] {
          if (!data_.datasets)
            throw Problem{section.at, "not supported here: 'for each dataset', as the datasets are not known by name"};
          std::vector<std::string> names = data_.datasets();
          std::sort(names.begin(), names.end());
          std::erase_if(names, [&](const std::string& name) { return !is_meant(section, name); });
          if (names.empty() && !compat_)
            throw Problem{section.at, "'for each dataset' matches no dataset: nothing would be checked"};
          for (const auto& name : names) {
            variables_.bind(section.variable, name);
            plan_section(ChecksSection{{name, true}, "", section.at, section.checks});
          }
        },
        section.at);
    variables_.unbind();
  }

  bool is_meant(const ForEachSection& section, const std::string& name) const {
    bool in = false;
    bool out = false;
    for (const auto& [include, pattern] : section.patterns) {
      const bool match = matches_pattern(text::to_lower(name), text::to_lower(variables_.fill(pattern, section.at)),
                                         "%", Extent::kWhole);
      (include ? in : out) |= match;
    }
    return in && !out;
  }

  void plan_check(const Check& check, const std::string& dataset, const std::string& partition,
                  std::optional<size_t> source) {
    PlannedCheck out;
    out.draft = draft_of(check, dataset, partition);
    // Soda Core evaluates what is left of a check when it drops a setting that it cannot read.
    using Reading = Check::Reading;
    out.broken = !source || check.reading == Reading::kUnusable || (check.reading == Reading::kPartly && !compat_);
    out.source = source.value_or(0);
    out.broken |= !guarded(
        [&] {
          if (check.name)
            out.draft.name = variables_.fill(*check.name);
          else
            out.draft.name = variables_.fill(out.draft.name, check.at);
          out.draft.identity = variables_.fill(check.identity, check.at);
          for (const auto& [name, value] : check.attributes)
            out.draft.attributes.emplace_back(name, variables_.fill(value));
        },
        check.at);
    if (!out.broken)
      out.broken =
          !guarded([&] { std::visit([&](const auto& body) { plan_body(check, body, out); }, check.body); }, check.at);
    plan_.checks.push_back(std::move(out));
  }

  const Source& source_of(const PlannedCheck& check) const { return plan_.sources[check.source]; }

  void require_dataset(const Check& check, const PlannedCheck& out) const {
    if (source_of(out).dataset.empty()) {
      throw Problem{check.at, "this check needs a dataset: put it under 'checks for DATASET'"};
    }
  }

  size_t measurement(size_t source, Measurement what) {
    for (size_t i = 0; i < plan_.measurements.size(); ++i) {
      if (plan_.measurements[i].source == source && plan_.measurements[i].what == what) return i;
    }
    plan_.measurements.push_back({source, std::move(what)});
    return plan_.measurements.size() - 1;
  }
  void add_input(PlannedCheck& out, size_t source, Measurement what, std::string label) {
    out.inputs.push_back(measurement(source, std::move(what)));
    out.labels.push_back(std::move(label));
  }

  std::string rows_sql(const Source& source, const std::string& condition) const {
    return fmt::format("SELECT * FROM {} WHERE {}", source.view, both(source.where, condition));
  }

  void plan_body(const Check& check, const MetricBody& body, PlannedCheck& out) {
    const Metric& metric = body.line.metric;
    out.draft.metric = metric.name;
    out.draft.measured = measured_text(metric, check.at);
    if (body.line.history != AgainstHistory::kNo) {
      throw Problem{check.at, fmt::format("not supported yet: {} needs a history of earlier scans",
                                          body.line.history == AgainstHistory::kChange ? "change over time"
                                                                                       : "anomaly detection")};
    }
    if (!body.user_metric) require_dataset(check, out);
    const std::string filter = check.filter ? embed(variables_.fill(*check.filter), check.filter->at) : "";
    const MetricContext context{source_of(out), sources_.configured_for(out.draft.dataset), variables_, data_.dialect,
                                compat_};
    Measured measured = measure_metric(check, body, filter, context);
    out.formula = measured.formula;
    out.draft.column = measured.column;
    for (size_t i = 0; i < measured.inputs.size(); ++i) {
      add_input(out, out.source, std::move(measured.inputs[i]), measured.labels[i]);
    }
    if (out.formula == Formula::kAge)
      plan_age(check, body, out);
    else
      out.zones = make_zones(check, body.line.pass, Unit::kNumber, variables_);
    out.draft.threshold = to_text(out.zones);
    if (!measured.failing.empty()) out.failing_rows = rows_sql(source_of(out), measured.failing);
    if (body.failed_rows_query) {
      const Text& query = *body.failed_rows_query;
      out.failing_rows = fmt::format("SELECT * FROM {} AS failing", embed(variables_.fill(query), query.at));
    }
  }

  std::string measured_text(const Metric& metric, const Location& at) const {
    if (metric.arguments.empty()) return metric.name;
    std::vector<std::string> arguments;
    for (const auto& argument : metric.arguments) arguments.push_back(variables_.fill(argument.text, at));
    return fmt::format("{}({})", metric.name, fmt::join(arguments, ", "));
  }

  void plan_age(const Check& check, const MetricBody& body, PlannedCheck& out) {
    using Comparison = Condition::Comparison;
    const auto& arguments = body.line.metric.arguments;
    if (arguments.size() > 2)
      throw Problem{check.at, "freshness is about a column and, if wanted, a variable that holds the time"};
    if (arguments.size() == 2) out.age.variable = arguments[1].text;
    auto pass = body.line.pass;
    const bool no_upper_bound =
        pass && pass->comparison != Comparison::kLess && pass->comparison != Comparison::kLessEqual;
    if (no_upper_bound && !compat_) {
      throw Problem{check.at,
                    fmt::format("freshness must be less than something, as in '< 1d'; '{}' would accept any stale data",
                                to_text(*pass))};
    }
    try {
      out.zones = make_zones(check, pass, Unit::kDuration, variables_);
      // As Soda Core: the bound itself is fresh enough, also with '<'.
      if (pass && !no_upper_bound) out.zones.pass->comparison = Comparison::kLessEqual;
      if (no_upper_bound) out.zones = {};
    } catch (const Problem&) {
      if (!compat_) throw;
    }
    const auto written = variables_.find(out.age.variable);
    out.age.written = written.value_or("");
    out.age.time = parse_timestamp(out.age.written);
    if (out.age.time) return;
    const std::string message =
        written ? fmt::format("variable '{}' is '{}', which is no time such as 2024-01-31 12:00:00", out.age.variable,
                              *written)
                : fmt::format("variable '{}', the time to compare with, is not defined", out.age.variable);
    if (!compat_) throw Problem{check.at, message};
    errors_.push_back({check.at, message});
  }

  void plan_body(const Check& check, const ReferenceLine& line, PlannedCheck& out) {
    require_dataset(check, out);
    const Source source = source_of(out);
    const std::string target = variables_.fill(line.dataset.text, check.at);
    const std::string target_view = sources_.view_of(target, check.at);
    const Schema target_schema = data_.schema_of(target_view);
    std::vector<std::string> some_value;
    std::vector<std::string> equal;
    std::vector<std::string> names;
    for (size_t i = 0; i < line.columns.size(); ++i) {
      const auto& dialect = data_.dialect;
      const Column from = find_column(source.schema, variables_.fill(line.columns[i].text, check.at), dialect,
                                      source.dataset, check.at);
      const Column to =
          find_column(target_schema, variables_.fill(line.target_columns[i].text, check.at), dialect, target, check.at);
      some_value.push_back(fmt::format("source.{} IS NOT NULL", from.sql));
      equal.push_back(fmt::format("target.{} = source.{}", to.sql, from.sql));
      names.push_back(from.name);
    }
    if (names.size() == 1) out.draft.column = names[0];
    out.draft.metric = "reference";
    out.draft.measured =
        fmt::format("rows whose {} {} in {}", fmt::join(names, ", "), line.must_exist ? "is not" : "is", target);
    const std::string failing =
        fmt::format("({}) AND {}EXISTS (SELECT 1 FROM {} AS target WHERE {})", fmt::join(some_value, " OR "),
                    line.must_exist ? "NOT " : "", target_view, fmt::join(equal, " AND "));
    const std::string rows = fmt::format("FROM {} AS source WHERE {}", source.view, both(source.where, failing));
    add_input(out, out.source, {Measurement::Kind::kQuery, "SELECT COUNT(*) " + rows, {}, ""}, "value");
    out.failing_rows = "SELECT source.* " + rows;
    fails_when_more_than_zero(check, out);
  }

  // Of checks whose value is a number of bad rows.
  void fails_when_more_than_zero(const Check& check, PlannedCheck& out) {
    out.zones = make_zones(check, {}, Unit::kNumber, variables_);
    if (!out.zones.warn && !out.zones.fail) {
      out.zones.fail = zero_threshold(Condition::Comparison::kGreater);
      out.draft.threshold = "must be = 0";
    } else {
      out.draft.threshold = to_text(out.zones);
    }
  }

  void plan_body(const Check& check, const SameRowCountLine& line, PlannedCheck& out) {
    require_dataset(check, out);
    if (!line.data_source.empty()) {
      throw Problem{check.at,
                    fmt::format("not supported yet: row counts of another data source ('in {}')", line.data_source)};
    }
    const std::string other = variables_.fill(line.dataset.text, check.at);
    const size_t other_source = sources_.index_of(other, line.partition, check.at);
    out.formula = Formula::kDifference;
    out.draft.metric = "row_count";
    out.draft.measured = fmt::format("row_count of {} and of {} differ by", out.draft.dataset, other);
    add_input(out, out.source, {Measurement::Kind::kAggregate, count_sql(""), {}, ""}, "rowCount");
    add_input(out, other_source, {Measurement::Kind::kAggregate, count_sql(""), {}, ""}, "otherRowCount");
    out.zones.fail = zero_threshold(Condition::Comparison::kNotEqual);
    out.draft.threshold = "must be = 0";
  }

  void plan_body(const Check& check, const SchemaBody& body, PlannedCheck& out) {
    require_dataset(check, out);
    out.is_schema = true;
    out.draft.metric = "schema";
    out.draft.measured = "schema";
    for (const auto& [rules, fails] : {std::pair{&body.warn, false}, std::pair{&body.fail, true}}) {
      if (*rules) out.schema_rules.push_back({filled(**rules), fails});
    }
  }

  SchemaRules filled(SchemaRules rules) const {
    const auto fill = [this](Text& text) { text.text = variables_.fill(text); };
    for (auto& text : rules.required) fill(text);
    for (auto& text : rules.forbidden) fill(text);
    for (auto& [column, index] : rules.positions) fill(column);
    for (auto* types : {&rules.types, rules.exactly ? &*rules.exactly : nullptr}) {
      if (types == nullptr) continue;
      for (auto& [column, type] : *types) {
        fill(column);
        fill(type);
        if (!parse_type(type.text))
          throw Problem{type.at, fmt::format("'{}' is no type, as bigint or array<string> are", type.text)};
      }
    }
    return rules;
  }

  void plan_body(const Check& check, const FailedRowsBody& body, PlannedCheck& out) {
    out.draft.metric = "failed_rows";
    out.draft.measured = "failing rows";
    if (body.condition) {
      require_dataset(check, out);
      const std::string condition = embed(variables_.fill(*body.condition), body.condition->at);
      add_input(out, out.source, {Measurement::Kind::kAggregate, count_sql(condition), {}, ""}, "check_value");
      out.failing_rows = rows_sql(source_of(out), condition);
    } else {
      const std::string query = embed(variables_.fill(*body.query), body.query->at);
      add_input(out, out.source,
                {Measurement::Kind::kQuery, fmt::format("SELECT COUNT(*) FROM {} AS failing", query), {}, ""},
                "check_value");
      out.failing_rows = fmt::format("SELECT * FROM {} AS failing", query);
    }
    fails_when_more_than_zero(check, out);
  }

  void plan_body(const Check& check, const GroupByBody& body, PlannedCheck& out) {
    require_dataset(check, out);
    out.draft.metric = "group_by";
    out.draft.measured = "group by";
    GroupPlan group{body.fields, body.group_limit, {}};
    for (const Check& child : body.checks) {
      const auto& metric = std::get<MetricBody>(child.body);
      if (child.reading != Check::Reading::kWhole) throw Problem{child.at, "one of its checks could not be read"};
      if (!metric.line.metric.arguments.empty() || child.filter) {
        throw Problem{child.at,
                      fmt::format("\"{}\": a check of a group by is about a column of its query", child.line)};
      }
      GroupCheck one;
      one.column = metric.line.metric.name;
      one.zones = make_zones(child, metric.line.pass, Unit::kNumber, variables_);
      one.draft = draft_of(child, out.draft.dataset, out.draft.partition);
      one.draft.name = variables_.fill(*child.name);
      one.draft.metric = one.draft.measured = one.column;
      one.draft.threshold = to_text(one.zones);
      group.checks.push_back(std::move(one));
    }
    const std::string query = embed(variables_.fill(body.query), body.query.at);
    Measurement rows{Measurement::Kind::kRows, "", {}, ""};
    rows.sql = fmt::format("SELECT * FROM {} AS answer LIMIT {}", query, body.group_limit + 1);
    add_input(out, out.source, std::move(rows), "groups");
    out.group = std::move(group);
  }

  static CheckResult draft_of(const Check& check, const std::string& dataset, const std::string& partition) {
    CheckResult out;
    out.dataset = dataset;
    out.partition = partition;
    out.definition = one_line(check.line + check.written_zones);
    out.name = std::holds_alternative<SchemaBody>(check.body) ? "Schema Check" : out.definition;
    out.location = check.at;
    out.samples_limit = check.samples_limit.value_or(out.samples_limit);
    return out;
  }

  const Document& document_;
  Variables& variables_;
  const DataAccess& data_;
  bool compat_;
  Plan& plan_;
  std::vector<ScanError>& errors_;
  Sources sources_;
};

}  // namespace

void plan_document(const Document& document, Variables& variables, const DataAccess& data, bool compat, Plan& plan,
                   std::vector<ScanError>& errors) {
  Planner(document, variables, data, compat, plan, errors).run();
}

}  // namespace metl::quality

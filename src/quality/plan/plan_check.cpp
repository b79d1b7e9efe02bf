#include "quality/plan/plan_check.h"

#include <fmt/format.h>

#include "base/text.h"
#include "quality/model/own_query.h"
#include "quality/plan/draft.h"
#include "quality/plan/history_key.h"
#include "quality/plan/plan_distribution.h"
#include "quality/plan/plan_groups.h"
#include "quality/plan/plan_history.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

Condition zero_threshold(Condition::Comparison comparison) {
  Condition out;
  out.comparison = comparison;
  out.low = {Operand::Kind::kNumber, 0, "0"};
  return out;
}

class CheckPlanner {
 public:
  explicit CheckPlanner(Planning& planning)
      : planning_(planning), variables_(planning.variables), data_(planning.data), plan_(planning.plan) {}

  void plan(const Check& check, const std::string& dataset, const std::string& partition,
            std::optional<size_t> source) {
    PlannedCheck out;
    out.draft = draft_of(check, planning_.title, dataset, partition);
    // Soda Core evaluates what is left of a check when it drops a setting that it cannot read.
    using Reading = Check::Reading;
    out.broken =
        !source || check.reading == Reading::kUnusable || (check.reading == Reading::kPartly && !planning_.compat);
    out.source = source.value_or(0);
    out.on_bad_rows = check.on_bad_rows;
    out.broken |= !guarded(planning_.errors, check.at, [&] {
      out.draft.name = check.name ? variables_.fill(*check.name) : variables_.fill(out.draft.name, check.at);
      out.draft.identity = variables_.fill(check.identity, check.at);
      for (const auto& [name, value] : check.attributes)
        out.draft.attributes.emplace_back(name, variables_.fill(value));
    });
    if (!out.broken) {
      out.broken = !guarded(planning_.errors, check.at,
                            [&] { std::visit([&](const auto& body) { plan_body(check, body, out); }, check.body); });
    }
    plan_.checks.push_back(std::move(out));
  }

 private:
  const Source& source_of(const PlannedCheck& check) const { return plan_.sources[check.source]; }

  void require_dataset(const Check& check, const PlannedCheck& out) const {
    if (source_of(out).dataset.empty()) {
      throw Problem{check.at, "this check needs a dataset: put it under 'checks for DATASET'"};
    }
  }

  void add_input(PlannedCheck& out, size_t source, Measurement what, std::string label) {
    quality::add_input(out, source, std::move(what), std::move(label), planning_);
  }

  std::string rows_sql(const Source& source, const std::string& condition) const {
    return fmt::format("SELECT * FROM {} WHERE {}", source.view, both(source.where, condition));
  }

  void plan_body(const Check& check, const MetricBody& body, PlannedCheck& out) {
    const Metric& metric = body.line.metric;
    out.draft.metric = metric.name;
    out.draft.measured = measured_text(metric, check.at);
    const bool compares = body.line.history != AgainstHistory::kNo;
    if (!body.user_metric) require_dataset(check, out);
    const std::string filter = check.filter ? embed(variables_.fill(*check.filter), check.filter->at) : "";
    const ConfiguredColumns& configured = planning_.configurations.of(out.draft.dataset);
    // Duplicates are counted with the filter of the file; all else of a filter shares one query.
    const Source& source = plan_.sources[planning_.own_source];
    const MetricContext context{source, configured, variables_, data_.dialect, planning_.compat};
    if (metric.name == "distribution_difference") {
      plan_distribution(check, body, filter, context, out);
      return;
    }
    Measured measured = measure_metric(check, body, filter, context);
    out.formula = measured.formula;
    out.draft.column = measured.column;
    for (size_t i = 0; i < measured.inputs.size(); ++i) {
      add_input(out, out.source, std::move(measured.inputs[i]), measured.labels[i]);
    }
    out.hides_value = hides_value(body, source, measured);
    if (compares && out.hides_value) {
      throw Problem{check.at, fmt::format("\"{}\" would keep values of a column of checks.sensitive_columns in the "
                                          "history; compare a count instead",
                                          check.line)};
    }
    if (compares) out.history = plan_comparison(check, body, context, measured, planning_);
    if (body.line.history == AgainstHistory::kChange)
      out.draft.measured = (body.line.change.percent ? "percent change of " : "change of ") + out.draft.measured;
    if (out.formula == Formula::kAge) {
      plan_age(check, body, out);
    } else {
      out.zones = make_zones(check, body.line.pass, Unit::kNumber, variables_, planning_.compat);
      set_bounds(out.zones, out.draft);
    }
    out.draft.threshold = to_text(out.zones);
    if (!measured.failing.empty() && !compares) {
      out.failing_rows = rows_sql(source_of(out), measured.failing);
      out.bad_row = both(source_of(out).where, measured.failing);
    }
    if (body.failed_rows_query) {
      const Text& query = *body.failed_rows_query;
      out.failing_rows = fmt::format("SELECT * FROM {}{}", embed(variables_.fill(query), query.at), kOwnQueryEnd);
    }
  }

  bool hides_value(const MetricBody& body, const Source& source, const Measured& measured) const {
    const SensitiveColumns& sensitive = plan_.sensitive;
    if (!body.user_metric) return measured.values_of && sensitive.hold(*measured.values_of);
    const std::string sql = variables_.fill(body.user_metric->sql);
    return body.user_metric->kind == UserMetric::Kind::kExpression
               ? !is_harmless(sql, sensitive, source.schema)
               : !harmless_columns(sql, sensitive, schemas_of(data_)).every();
  }

  void plan_distribution(const Check& check, const MetricBody& body, const std::string& filter,
                         const MetricContext& context, PlannedCheck& out) {
    if (body.line.history != AgainstHistory::kNo)
      throw Problem{check.at, "distribution_difference cannot be compared with earlier scans"};
    Measurement values;
    out.distribution = quality::plan_distribution(check, body, filter, context, values);
    out.draft.column = variables_.fill(body.line.metric.arguments[0].text, check.at);
    out.hides_value = plan_.sensitive.hold(out.draft.column);
    add_input(out, out.source, std::move(values), "value");
    out.zones = make_zones(check, body.line.pass, Unit::kNumber, variables_, planning_.compat);
    set_bounds(out.zones, out.draft);
    out.draft.threshold = to_text(out.zones);
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
    if (no_upper_bound && !planning_.compat) {
      throw Problem{check.at,
                    fmt::format("freshness must be less than something, as in '< 1d'; '{}' would accept any stale data",
                                to_text(*pass))};
    }
    try {
      out.zones = make_zones(check, pass, Unit::kDuration, variables_, planning_.compat);
      // As Soda Core: the bound itself is fresh enough, also with '<'.
      if (pass && !no_upper_bound) out.zones.pass->comparison = Comparison::kLessEqual;
      if (no_upper_bound) out.zones = {};
    } catch (const Problem&) {
      if (!planning_.compat) throw;
    }
    const auto written = variables_.find(out.age.variable);
    out.age.written = written.value_or("");
    out.age.time = parse_timestamp(out.age.written);
    if (out.age.time) return;
    const std::string message =
        written ? fmt::format("variable '{}' is '{}', which is not a time such as 2024-01-31 12:00:00",
                              out.age.variable, *written)
                : fmt::format("variable '{}', the time to compare with, is not defined", out.age.variable);
    if (!planning_.compat) throw Problem{check.at, message};
    planning_.errors.push_back({check.at, message});
  }

  void plan_body(const Check& check, const ReferenceLine& line, PlannedCheck& out) {
    require_dataset(check, out);
    const Source source = source_of(out);
    const std::string target = variables_.fill(line.dataset.text, check.at);
    const std::string target_view = planning_.sources->view_of(target, check.at);
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
    out.bad_row = both(source.where, failing);
    fails_when_more_than_zero(check, out);
  }

  // Of checks whose value is a number of bad rows.
  void fails_when_more_than_zero(const Check& check, PlannedCheck& out) {
    out.zones = make_zones(check, {}, Unit::kNumber, variables_, planning_.compat);
    if (!out.zones.warn && !out.zones.fail) {
      out.zones.fail = zero_threshold(Condition::Comparison::kGreater);
      out.draft.threshold = "must be = 0";
    } else {
      out.draft.threshold = to_text(out.zones);
    }
  }

  void plan_body(const Check& check, const SameRowCountLine& line, PlannedCheck& out) {
    require_dataset(check, out);
    std::string other = variables_.fill(line.dataset.text, check.at);
    // A data source is a database: its datasets are known by both names.
    const std::string data_source = variables_.fill(line.data_source, check.at);
    if (!data_source.empty() && data_source != kDataSource) other = data_source + "." + other;
    const size_t other_source = planning_.sources->index_of(other, line.partition, check.at);
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
    for (const auto& [rules, fails] : {std::pair{&body.fail, true}, std::pair{&body.warn, false}}) {
      if (!*rules) continue;
      SchemaRule rule{filled(**rules), fails, {}, planning_.compat ? data_.dialect.type_name : nullptr};
      rule.forbidden = ForbiddenNames(rule.rules.forbidden, true, planning_.compat);
      out.schema_rules.push_back(std::move(rule));
      if ((*rules)->changes.any()) out.history = HistoryPlan{schema_key(source_of(out))};
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
        if (!type.text.empty() && !parse_type(type.text) && !planning_.compat)
          throw Problem{type.at, fmt::format("'{}' is not a type, as bigint or array<string> are", type.text)};
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
      out.bad_row = both(source_of(out).where, condition);
    } else {
      const std::string query = embed(variables_.fill(*body.query), body.query->at);
      add_input(out, out.source,
                {Measurement::Kind::kQuery, fmt::format("SELECT COUNT(*) FROM {} AS failing", query), {}, ""}, "value");
      out.failing_rows = fmt::format("SELECT * FROM {}{}", query, kOwnQueryEnd);
    }
    fails_when_more_than_zero(check, out);
  }

  void plan_body(const Check& check, const GroupByBody& body, PlannedCheck& out) {
    require_dataset(check, out);
    plan_group_by(body, planning_, out);
  }
  void plan_body(const Check& check, const GroupEvolutionBody& body, PlannedCheck& out) {
    plan_group_evolution(check, body, planning_, out);
  }

  Planning& planning_;
  const Variables& variables_;
  const DataAccess& data_;
  Plan& plan_;
};

}  // namespace

void add_input(PlannedCheck& out, size_t source, Measurement what, std::string label, Planning& planning) {
  auto& measurements = planning.plan.measurements;
  const auto [known, is_new] = planning.taken.try_emplace({source, what}, measurements.size());
  if (is_new) measurements.push_back({source, std::move(what)});
  out.inputs.push_back(known->second);
  out.labels.push_back(std::move(label));
}

SchemaOf schemas_of(const DataAccess& data) {
  return [&data](const std::string& dataset) -> std::optional<Schema> {
    const auto view = data.view_of(dataset);
    return view ? std::optional(data.schema_of(*view)) : std::nullopt;
  };
}

void plan_check(const Check& check, const std::string& dataset, const std::string& partition,
                std::optional<size_t> source, Planning& planning) {
  CheckPlanner(planning).plan(check, dataset, partition, source);
}

}  // namespace metl::quality

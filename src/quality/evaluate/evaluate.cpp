#include "quality/evaluate/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "quality/evaluate/anomaly.h"
#include "quality/evaluate/change_over_time.h"
#include "quality/evaluate/freshness.h"
#include "quality/evaluate/group_check.h"
#include "quality/evaluate/measured_value.h"
#include "quality/evaluate/schema_check.h"
#include "quality/plan/plan_distribution.h"

namespace metl::quality {
namespace {

class Evaluator {
 public:
  Evaluator(const PlannedCheck& check, Evaluation& evaluation)
      : check_(check),
        evaluation_(evaluation),
        plan_(evaluation.plan),
        taken_(evaluation.taken),
        compat_(evaluation.compat),
        errors_(evaluation.errors),
        out_(check.draft) {}

  std::vector<CheckResult> run() {
    if (!check_.broken) {
      if (check_.is_schema) {
        schema();
      } else if (inputs_are_there()) {
        if (check_.group) {
          groups(*check_.group);
        } else if (check_.distribution) {
          distribution(*check_.distribution);
        } else if (check_.evolution) {
          evolution(*check_.evolution);
        } else if (check_.formula == Formula::kAge) {
          age();
        } else {
          number();
        }
      }
    }
    if (check_.hides_value && !check_.distribution) hide_value();
    if (out_.is_bad()) out_.failing_rows = check_.failing_rows;
    out_of_groups_.insert(out_of_groups_.begin(), std::move(out_));
    return std::move(out_of_groups_);
  }

 private:
  void fail_with(std::string message) {
    errors_.push_back({out_.location, fmt::format("\"{}\" cannot be evaluated: {}", out_.name, message)});
  }
  // A reason that may quote values.
  void fail_with_data(const std::string& reason) {
    fail_with(check_.hides_value ? "the reason could show a value of a column of checks.sensitive_columns" : reason);
  }
  // What has been judged is not printed.
  void hide_value() {
    if (!is_null(out_.value)) out_.value = std::string(kHidden);
    for (auto& [key, text] : out_.diagnostics) text = kHidden;
  }
  const Value& input(size_t i) const { return taken_[check_.inputs[i]].value; }

  bool inputs_are_there() {
    for (const size_t i : check_.inputs) {
      if (taken_[i].error.empty()) continue;
      fail_with(taken_[i].error);
      return false;
    }
    return true;
  }

  void number() {
    out_.value = measured_value(check_, taken_, compat_).value_or(Value{});
    const auto value = as_number(out_.value);
    if (check_.history && value && std::isfinite(*value)) {
      const auto* whole = std::get_if<int64_t>(&out_.value);
      against_history(*check_.history, whole != nullptr ? HistoryValue(*whole) : HistoryValue(*value));
      return;
    }
    // As Soda Core names it: the value of what is a number of differences, and of a metric.
    const bool counts = check_.formula == Formula::kDifference || check_.labels[0] == "value";
    out_.diagnostics.emplace_back(counts ? "value" : "check_value", to_text(out_.value));
    if (check_.inputs.size() > 1) {
      const bool share = check_.formula == Formula::kPercent;  // Soda Core names the whole first
      for (size_t k = 0; k < check_.inputs.size(); ++k) {
        const size_t i = share ? check_.inputs.size() - 1 - k : k;
        out_.diagnostics.emplace_back(check_.labels[i], to_text(input(i)));
      }
    }
    if (is_null(out_.value)) {
      // Soda Core misses the value of a query, and passes over that of any other metric.
      if (!compat_ || check_.formula == Formula::kReal)
        fail_with(fmt::format("{} is NULL: there is no value to measure", out_.measured));
    } else if (!value || std::isnan(*value) || check_.history) {
      fail_with(fmt::format("{} is '{}', which is not a number", out_.measured,
                            check_.hides_value ? kHidden : to_text(out_.value)));
    } else {
      out_.outcome = judge(check_.zones, out_.value);
    }
  }

  // Judges the value that is in `out_` by earlier ones.
  void against_history(const HistoryPlan& plan, const HistoryValue& value) {
    const Value measured = std::exchange(out_.value, Value{});
    const auto records = earlier_records(plan.key, value);
    if (!records) return;
    const DataTime time = evaluation_.data_time;
    Compared found = plan.change ? compare_change(*plan.change, measured, *records, time, check_.zones)
                                 : compare_anomaly(*plan.anomaly, measured, *records, time);
    out_.outcome = found.outcome;
    out_.value = found.value;
    if (!found.threshold.empty()) out_.threshold = found.threshold;
    out_.diagnostics.emplace_back("check_value", to_text(found.value));
    out_.diagnostics.insert(out_.diagnostics.end(), found.diagnostics.begin(), found.diagnostics.end());
    if (!found.warming_up.empty()) warm_up(found.warming_up);
    if (!found.error.empty() && !compat_) fail_with(found.error);
  }

  // What was measured before, and notes what is measured now. Empty when an error says why it cannot be read.
  std::optional<std::vector<HistoryRecord>> earlier_records(const std::string& key, HistoryValue now) {
    if (evaluation_.recorded.insert(key).second)
      evaluation_.records.push_back({key, evaluation_.data_time, std::move(now)});
    if (!evaluation_.earlier) {
      fail_with(
          "it compares with earlier scans and needs a history, the file in which scans keep what they measured "
          "(--history FILE)");
      return std::nullopt;
    }
    try {
      return evaluation_.earlier(key, evaluation_.data_time);
    } catch (const Error& e) {
      if (e.cause() == Cause::kInterrupted) throw;
      fail_with(e.in_full());
    }
    return std::nullopt;
  }

  // A check without an outcome waits; one that is bad for another reason stays so.
  void warm_up(const std::string& progress) {
    out_.warming_up = out_.outcome == Outcome::kNotEvaluated;
    out_.diagnostics.emplace_back("warming_up", progress);
    evaluation_.notices.push_back({out_.location, fmt::format("\"{}\" is warming up: {}", out_.name, progress)});
  }

  void distribution(const DistributionPlan& plan) {
    const Rows& rows = taken_[check_.inputs[0]].rows;
    if (static_cast<int64_t>(rows.rows.size()) == kMostValues) {
      if (plan.reference.categorical) return fail_with(fmt::format("there are more than {} categories", kMostValues));
      evaluation_.notices.push_back(
          {out_.location,
           fmt::format("\"{}\" compares {} values only; 'sample' takes some of all", out_.name, kMostValues)});
    }
    try {
      out_.value = difference_of(plan, rows);
    } catch (const std::invalid_argument& e) {
      return fail_with_data(e.what());
    }
    out_.diagnostics.emplace_back("value", to_text(out_.value));
    const double value = as_number(out_.value).value_or(0);
    if (std::isfinite(value))
      out_.outcome = judge(check_.zones, value);
    else
      fail_with(fmt::format("{} is {}: all values are the same", out_.measured, to_text(out_.value)));
  }

  void age() {
    if (!check_.age.time) {  // only in compat mode; the error is noted already
      out_.outcome = Outcome::kFail;
      return;
    }
    Freshness found = freshness_of(input(0), out_.column, check_.age, check_.zones);
    if (!found.error.empty()) return fail_with_data(found.error);
    out_.outcome = found.outcome;
    out_.value = found.age;
    out_.diagnostics = std::move(found.diagnostics);
  }

  void groups(const GroupPlan& group) {
    const Rows& rows = taken_[check_.inputs[0]].rows;
    if (static_cast<int64_t>(rows.rows.size()) > group.limit) {
      fail_with(fmt::format("there are more than {} groups: raise 'group_limit', or group by less", group.limit));
      return;
    }
    std::vector<size_t> fields;
    for (const auto& field : group.fields) {
      const auto at = column_of(rows, field);
      if (!at) return;
      fields.push_back(*at);
    }
    if (rows.rows.empty() && !compat_) {
      fail_with("the query gives no group");
      return;
    }
    out_.outcome = Outcome::kPass;
    const Groups found = groups_of(rows.rows, fields, group.shown);
    for (size_t i = 0; i < rows.rows.size(); ++i) {
      for (const auto& check : group.checks) {
        const auto at = column_of(rows, check.column);
        if (!at) return;
        add_group_check(check, found.shown[i], rows.rows[i][*at], group.shown.holds(*at));
      }
    }
  }

  // A column of a group by's query; an error when it has none of that name.
  std::optional<size_t> column_of(const Rows& rows, const std::string& name) {
    if (const Field* field = find_field(rows.columns, name)) return static_cast<size_t>(field - rows.columns.data());
    out_.outcome = Outcome::kNotEvaluated;
    out_of_groups_.clear();
    std::vector<std::string> known;
    for (const auto& column : rows.columns) known.push_back(column.name);
    fail_with(fmt::format("its query has no column '{}'.{}", name, text::did_you_mean(name, known)));
    return std::nullopt;
  }

  void add_group_check(const GroupCheck& check, const std::string& group, const Value& value, bool is_shown) {
    CheckResult out = check.draft;
    out.name += fmt::format(" [{}]", group);
    // As Soda Core tells the groups apart.
    out.origin.traits += fmt::format("{}  - group_value: '[{}]'\n", out.origin.traits.ends_with('\n') ? "" : "!!omap\n",
                                     text::replace_all(group, "'", "''"));
    out.origin.group = group;
    out.value = is_shown || is_null(value) ? value : Value(std::string(kHidden));
    out.diagnostics.emplace_back("check_value", to_text(out.value));
    const auto number = as_number(value);
    if (number && !std::isnan(*number)) {
      out.outcome = judge(check.zones, value);
    } else if (!is_null(value) || !compat_) {
      errors_.push_back({out.location, fmt::format("\"{}\" cannot be evaluated: {} is '{}', which is not a number",
                                                   out.name, check.column, to_text(out.value))});
    }
    // As in Soda Core, a group's warning is its own only.
    if (out.outcome == Outcome::kFail) out_.outcome = Outcome::kFail;
    out_of_groups_.push_back(std::move(out));
  }

  void schema() {
    const Schema& schema = plan_.sources[check_.source].schema;
    const MeasuredColumns columns = columns_of(schema);
    std::optional<MeasuredColumns> before;
    if (check_.history && !read_before(columns, before)) return;
    out_.schema = schema;
    out_.outcome = Outcome::kPass;
    for (const auto& rule : check_.schema_rules) {
      SchemaDifferences& found = rule.fails ? out_.schema_fails : out_.schema_warns;
      if (!judged([&] { found = schema_differences(rule, schema); })) return;
      if (before) add_schema_changes(rule.rules.changes, columns, *before, found);
      note(texts_of(found), rule.fails);
    }
    std::vector<std::string> texts;
    for (const auto& [name, type] : columns) texts.push_back(fmt::format("{} {}", name, type));
    out_.diagnostics.emplace_back("schema_measured", fmt::format("[{}]", fmt::join(texts, ", ")));
    if (check_.history && !before) wait_for_a_baseline();
  }

  void evolution(const GroupEvolutionPlan& plan) {
    const Rows& rows = taken_[check_.inputs[0]].rows;
    if (rows.rows.size() > kMostGroups) {
      fail_with(fmt::format("its query gives more than {} groups", kMostGroups));
      return;
    }
    std::vector<size_t> fields;
    for (const auto& field : plan.fields) {
      const auto at = column_of(rows, field);
      if (!at) return;
      fields.push_back(*at);
    }
    if (fields.empty()) fields.push_back(0);
    auto named = rows.rows;
    std::erase_if(named, [&](const auto& row) {
      return std::all_of(fields.begin(), fields.end(), [&](size_t field) { return is_null(row[field]); });
    });
    const Groups groups = groups_of(named, fields, plan.shown);
    std::optional<MeasuredGroups> before;
    if (check_.history && !read_before(groups.names, before)) return;
    out_.outcome = Outcome::kPass;
    for (const auto& rule : plan.rules) {
      if (!judged([&] { note(group_differences(rule, groups, before ? &*before : nullptr), rule.fails); })) return;
    }
    out_.diagnostics.emplace_back("groups_measured", fmt::format("[{}]", fmt::join(groups.shown, ", ")));
    if (check_.history && !before) wait_for_a_baseline();
  }

  // False when a rule cannot be tried, which an error then says.
  template <typename Rule>
  bool judged(const Rule& rule) {
    try {
      rule();
      return true;
    } catch (const std::runtime_error& e) {
      out_.outcome = Outcome::kNotEvaluated;
      fail_with(e.what());
      return false;
    }
  }

  // The last measurement before this one, if there is any; false when an error says why it cannot be read.
  template <typename Measured>
  bool read_before(const Measured& now, std::optional<Measured>& before) {
    const auto records = earlier_records(check_.history->key, now);
    if (!records) return false;
    if (records->empty()) return true;
    if (const auto* last = std::get_if<Measured>(&records->back().value)) before = *last;
    return true;
  }

  void wait_for_a_baseline() {
    if (out_.outcome == Outcome::kPass) out_.outcome = Outcome::kNotEvaluated;
    warm_up(measurements_text(0, 1));
  }

  // What breaks a zone's rules.
  void note(const std::vector<std::pair<std::string, std::string>>& differences, bool fails) {
    if (differences.empty()) return;
    if (fails || out_.outcome == Outcome::kPass) out_.outcome = fails ? Outcome::kFail : Outcome::kWarn;
    for (const auto& [key, text] : differences) out_.diagnostics.emplace_back((fails ? "fail_" : "warn_") + key, text);
  }

  const PlannedCheck& check_;
  Evaluation& evaluation_;
  const Plan& plan_;
  const std::vector<Taken>& taken_;
  bool compat_;
  std::vector<ScanError>& errors_;
  CheckResult out_;
  std::vector<CheckResult> out_of_groups_;
};

}  // namespace

std::vector<CheckResult> evaluate(const PlannedCheck& check, Evaluation& evaluation) {
  return Evaluator(check, evaluation).run();
}

}  // namespace metl::quality

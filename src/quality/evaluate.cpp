#include "quality/evaluate.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "base/text.h"
#include "quality/schema_check.h"

namespace metl::quality {
namespace {

namespace chrono = std::chrono;

class Evaluator {
 public:
  Evaluator(const PlannedCheck& check, const Plan& plan, const std::vector<Taken>& taken, bool compat,
            std::vector<ScanError>& errors)
      : check_(check), plan_(plan), taken_(taken), compat_(compat), errors_(errors), out_(check.draft) {}

  std::vector<CheckResult> run() {
    if (!check_.broken) {
      if (check_.is_schema) {
        schema();
      } else if (inputs_are_there()) {
        if (check_.group) {
          groups(*check_.group);
        } else if (check_.formula == Formula::kAge) {
          age();
        } else {
          number();
        }
      }
    }
    if (is_bad(out_)) out_.failing_rows = check_.failing_rows;
    out_of_groups_.insert(out_of_groups_.begin(), std::move(out_));
    return std::move(out_of_groups_);
  }

 private:
  static bool is_bad(const CheckResult& check) {
    return check.outcome == Outcome::kWarn || check.outcome == Outcome::kFail;
  }
  void fail_with(std::string message) {
    errors_.push_back({out_.location, fmt::format("\"{}\" cannot be evaluated: {}", out_.name, message)});
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

  static std::optional<double> as_number(const Value& value) {
    if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
    if (const auto* d = std::get_if<double>(&value)) return *d;
    return std::nullopt;
  }

  // The check's value; empty when there is none to judge.
  std::optional<Value> measured() const {
    if (check_.formula == Formula::kValue) return input(0);
    const auto first = as_number(input(0));
    const auto second = as_number(input(1));
    if (!first || !second) return std::nullopt;
    if (check_.formula == Formula::kDifference) return static_cast<int64_t>(std::llround(*first - *second));
    if (*first == 0 || *second == 0) return 0.0;
    // Rounded as a decimal text is, to the digits that people compare with.
    return std::strtod(fmt::format("{:.2f}", *first * 100 / *second).c_str(), nullptr);
  }

  void number() {
    out_.value = measured().value_or(Value{});
    const auto value = as_number(out_.value);
    out_.diagnostics.emplace_back(check_.formula == Formula::kDifference ? "value" : "check_value",
                                  to_text(out_.value));
    if (check_.inputs.size() > 1) {
      for (size_t i = 0; i < check_.inputs.size(); ++i)
        out_.diagnostics.emplace_back(check_.labels[i], to_text(input(i)));
    }
    if (is_null(out_.value)) {
      if (!compat_) fail_with(fmt::format("{} is NULL: there is no value to measure", out_.measured));
    } else if (!value || std::isnan(*value)) {
      fail_with(fmt::format("{} is '{}', which is no number", out_.measured, to_text(out_.value)));
    } else {
      out_.outcome = judge(check_.zones, *value);
    }
  }

  void age() {
    if (!check_.age.time) {  // only in compat mode; the error is noted already
      out_.outcome = Outcome::kFail;
      return;
    }
    const std::string newest = to_text(input(0));
    out_.diagnostics = {{"max_column_timestamp", newest},
                        {"now_variable_name", check_.age.variable},
                        {"now_timestamp", check_.age.written}};
    if (is_null(input(0))) {  // no row has a time: nothing is fresh
      out_.value = int64_t{0};
      out_.outcome = Outcome::kFail;
      out_.diagnostics.emplace_back("freshness", "no row has a time");
      return;
    }
    const auto time = parse_timestamp(newest);
    if (!time) {
      fail_with(fmt::format("the newest {} is '{}', which is no time", out_.column, newest));
      return;
    }
    const bool day = newest.size() == std::string_view("2024-01-31").size();
    const auto age = *check_.age.time - (day ? *time + chrono::days(1) - chrono::microseconds(1) : *time);
    out_.diagnostics.emplace_back("freshness", duration_text(age));
    out_.value = int64_t{chrono::floor<chrono::milliseconds>(age).count()};
    out_.outcome = judge(check_.zones, static_cast<double>(age.count()) / 1e6);
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
    for (const auto& row : rows.rows) {
      std::vector<std::string> names;
      for (const size_t field : fields) names.push_back(is_null(row[field]) ? "None" : to_text(row[field]));
      for (const auto& check : group.checks) {
        const auto at = column_of(rows, check.column);
        if (!at) return;
        add_group_check(check, fmt::format("{} [{}]", check.draft.name, fmt::join(names, ",")), row[*at]);
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

  void add_group_check(const GroupCheck& check, std::string name, const Value& value) {
    CheckResult out = check.draft;
    out.name = std::move(name);
    out.value = value;
    out.diagnostics.emplace_back("check_value", to_text(value));
    const auto number = as_number(value);
    if (number && !std::isnan(*number)) {
      out.outcome = judge(check.zones, *number);
    } else if (!is_null(value) || !compat_) {
      errors_.push_back({out.location, fmt::format("\"{}\" cannot be evaluated: {} is '{}', which is no number",
                                                   out.name, check.column, to_text(value))});
    }
    // As in Soda Core, a group's warning is its own only.
    if (out.outcome == Outcome::kFail) out_.outcome = Outcome::kFail;
    out_of_groups_.push_back(std::move(out));
  }

  void schema() {
    const Schema& schema = plan_.sources[check_.source].schema;
    out_.outcome = Outcome::kPass;
    for (const auto& [rules, fails] : check_.schema_rules) {
      const auto differences = schema_differences(rules, schema);
      if (differences.empty()) continue;
      if (fails || out_.outcome == Outcome::kPass) out_.outcome = fails ? Outcome::kFail : Outcome::kWarn;
      for (const auto& [key, text] : differences)
        out_.diagnostics.emplace_back((fails ? "fail_" : "warn_") + key, text);
    }
    std::vector<std::string> columns;
    for (const auto& field : schema) columns.push_back(fmt::format("{} {}", field.name, type_name(field.type)));
    out_.diagnostics.emplace_back("schema_measured", fmt::format("[{}]", fmt::join(columns, ", ")));
  }

  const PlannedCheck& check_;
  const Plan& plan_;
  const std::vector<Taken>& taken_;
  bool compat_;
  std::vector<ScanError>& errors_;
  CheckResult out_;
  std::vector<CheckResult> out_of_groups_;
};

}  // namespace

std::vector<CheckResult> evaluate(const PlannedCheck& check, const Plan& plan, const std::vector<Taken>& taken,
                                  bool compat, std::vector<ScanError>& errors) {
  return Evaluator(check, plan, taken, compat, errors).run();
}

}  // namespace metl::quality

#include "quality/evaluate.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "quality/schema_check.h"

namespace metl::quality {
namespace {

namespace chrono = std::chrono;

class Evaluator {
 public:
  Evaluator(const PlannedCheck& check, const Plan& plan, const std::vector<Taken>& taken, bool compat,
            std::vector<ScanError>& errors)
      : check_(check), plan_(plan), taken_(taken), compat_(compat), errors_(errors), out_(check.draft) {}

  CheckResult run() {
    if (check_.broken) return std::move(out_);
    if (check_.is_schema) {
      schema();
    } else if (inputs_are_there()) {
      if (check_.formula == Formula::kAge)
        age();
      else
        number();
    }
    if (out_.outcome == Outcome::kWarn || out_.outcome == Outcome::kFail) out_.failing_rows = check_.failing_rows;
    return std::move(out_);
  }

 private:
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
    if (check_.formula == Formula::kDifference) return static_cast<int64_t>(std::llround(std::abs(*first - *second)));
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
};

}  // namespace

CheckResult evaluate(const PlannedCheck& check, const Plan& plan, const std::vector<Taken>& taken, bool compat,
                     std::vector<ScanError>& errors) {
  return Evaluator(check, plan, taken, compat, errors).run();
}

}  // namespace metl::quality

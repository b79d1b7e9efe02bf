#include "quality/plan/zones.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <compare>

#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

// The number exactly, where it is written as a whole one of 64 bits.
std::optional<int64_t> whole_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::partial_ordering compare(int64_t value, double number) {
  if (number >= 0x1p63) return std::partial_ordering::less;
  if (number < -0x1p63) return std::partial_ordering::greater;
  const auto below = static_cast<int64_t>(std::floor(number));
  if (value != below) return value <=> below;
  return std::floor(number) < number ? std::partial_ordering::less : std::partial_ordering::equivalent;
}

std::partial_ordering compare(const Value& value, const Operand& operand) {
  const auto* whole = std::get_if<int64_t>(&value);
  if (whole == nullptr) return as_number(value).value_or(0) <=> operand.number;
  return operand.whole ? *whole <=> *operand.whole : compare(*whole, operand.number);
}

void fill_operand(Operand& operand, Unit unit, const Variables& variables, const Location& at) {
  if (operand.kind == Operand::Kind::kText) {
    const std::string written = operand.text;
    operand.text = variables.fill(written, at);
    // What a variable holds is read as if it stood in the line.
    Condition read;
    try {
      read = parse_when("when = " + operand.text);
    } catch (const LineError&) {
      read.low.kind = Operand::Kind::kText;
    }
    if (read.low.kind == Operand::Kind::kText) {
      const bool seconds = unit == Unit::kDuration && operand.text.ends_with('s');
      throw Problem{at, fmt::format("the threshold {} is not a {}{}",
                                    written == operand.text ? "'" + written + "'"
                                                            : fmt::format("{} ('{}')", written, operand.text),
                                    unit == Unit::kNumber ? "number" : "duration such as 1d2h30m",
                                    seconds ? "; seconds are not supported, the smallest unit is a minute" : "")};
    }
    operand = read.low;
  }
  const bool duration = operand.kind == Operand::Kind::kDuration;
  if (duration != (unit == Unit::kDuration)) {
    throw Problem{at, fmt::format("the threshold '{}' must be a {}", operand.text,
                                  duration ? "number" : "duration such as 1d2h30m")};
  }
}

void fill_condition(std::optional<Condition>& condition, Unit unit, const Variables& variables, const Location& at) {
  if (!condition) return;
  fill_operand(condition->low, unit, variables, at);
  using Comparison = Condition::Comparison;
  if (condition->comparison == Comparison::kBetween || condition->comparison == Comparison::kNotBetween) {
    fill_operand(condition->high, unit, variables, at);
  }
}

// Where the condition holds.
Bounds bounds_of(const Condition& condition) {
  using Comparison = Condition::Comparison;
  const double low = condition.low.number;
  const double high = condition.high.number;
  switch (condition.comparison) {
    case Comparison::kLess:
      return {{"lessThan", low}};
    case Comparison::kLessEqual:
      return {{"lessThanOrEqual", low}};
    case Comparison::kEqual:
      return {{"greaterThanOrEqual", low}, {"lessThanOrEqual", low}};
    case Comparison::kGreaterEqual:
      return {{"greaterThanOrEqual", low}};
    case Comparison::kGreater:
      return {{"greaterThan", low}};
    case Comparison::kNotEqual:
      return {{"greaterThan", low}, {"lessThan", low}};
    case Comparison::kBetween:
      return {{condition.low_open ? "greaterThan" : "greaterThanOrEqual", low},
              {condition.high_open ? "lessThan" : "lessThanOrEqual", high}};
    case Comparison::kNotBetween:
      return {{condition.high_open ? "greaterThanOrEqual" : "greaterThan", high},
              {condition.low_open ? "lessThanOrEqual" : "lessThan", low}};
  }
  return {};
}

Condition negated(Condition condition) {
  using Comparison = Condition::Comparison;
  constexpr std::array<std::pair<Comparison, Comparison>, 4> kOpposites{
      {{Comparison::kLess, Comparison::kGreaterEqual},
       {Comparison::kGreater, Comparison::kLessEqual},
       {Comparison::kEqual, Comparison::kNotEqual},
       {Comparison::kBetween, Comparison::kNotBetween}}};
  for (const auto& [one, other] : kOpposites) {
    if (condition.comparison == one || condition.comparison == other) {
      condition.comparison = condition.comparison == one ? other : one;
      break;
    }
  }
  return condition;
}

}  // namespace

Zones make_zones(const Check& check, const std::optional<Condition>& pass, Unit unit, const Variables& variables,
                 bool compat) {
  Zones zones;
  if (pass) {
    zones.pass = pass;
  } else {
    zones.warn = check.warn;
    zones.fail = check.fail;
  }
  for (auto* condition : {&zones.pass, &zones.warn, &zones.fail}) {
    fill_condition(*condition, unit, variables, check.at);
    if (!*condition || compat) continue;
    for (auto* operand : {&(*condition)->low, &(*condition)->high}) operand->whole = whole_number(operand->text);
  }
  return zones;
}

bool holds(const Condition& condition, const Value& value) {
  using Comparison = Condition::Comparison;
  const auto low = compare(value, condition.low);
  switch (condition.comparison) {
    case Comparison::kLess:
      return low < 0;
    case Comparison::kLessEqual:
      return low <= 0;
    case Comparison::kEqual:
      return low == 0;
    case Comparison::kGreaterEqual:
      return low >= 0;
    case Comparison::kGreater:
      return low > 0;
    case Comparison::kNotEqual:
      return low != 0;
    case Comparison::kBetween:
    case Comparison::kNotBetween: {
      const auto high = compare(value, condition.high);
      const bool between = (condition.low_open ? low > 0 : low >= 0) && (condition.high_open ? high < 0 : high <= 0);
      return between == (condition.comparison == Comparison::kBetween);
    }
  }
  return false;
}

Outcome judge(const Zones& zones, const Value& value) {
  if (zones.fail && holds(*zones.fail, value)) return Outcome::kFail;
  if (zones.warn && holds(*zones.warn, value)) return Outcome::kWarn;
  return zones.pass && !holds(*zones.pass, value) ? Outcome::kFail : Outcome::kPass;
}

void set_bounds(const Zones& zones, CheckResult& check) {
  if (zones.warn) check.warns = bounds_of(*zones.warn);
  if (zones.fail) check.fails = bounds_of(*zones.fail);
  if (zones.pass) check.fails = bounds_of(negated(*zones.pass));
}

std::string to_text(const Zones& zones) {
  if (zones.pass) return "must be " + to_text(*zones.pass);
  std::string out;
  if (zones.warn) out = "warns when " + to_text(*zones.warn);
  if (zones.fail) out += (out.empty() ? "" : ", ") + ("fails when " + to_text(*zones.fail));
  return out;
}

}  // namespace metl::quality

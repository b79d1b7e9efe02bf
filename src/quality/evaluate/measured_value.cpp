#include "quality/evaluate/measured_value.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "base/text.h"
#include "quality/syntax/check_line.h"

namespace metl::quality {
namespace {

// As Soda Core takes what a query gives: a truth is 1 or 0, a text the number that it is written as. A whole number
// stays one where it would be another as a real one.
Value real(const Value& value, bool compat) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? 1.0 : 0.0;
  if (const auto* written = std::get_if<std::string>(&value)) {
    const auto number = parse_number(text::trim(*written));
    return number ? Value(*number) : value;
  }
  const auto* whole = std::get_if<int64_t>(&value);
  if (whole != nullptr && std::abs(static_cast<double>(*whole)) >= 0x1p53 && !compat) return value;
  const auto number = as_number(value);
  return number ? Value(*number) : value;
}

// A number without a fraction; anything else as it is.
Value whole(const Value& value) {
  if (std::holds_alternative<int64_t>(value)) return value;
  const auto number = as_number(value);
  const bool exact = number && *number == std::floor(*number) && std::abs(*number) < 0x1p53;
  return exact ? Value(static_cast<int64_t>(*number)) : value;
}

}  // namespace

std::optional<Value> measured_value(const PlannedCheck& check, const std::vector<Taken>& taken, bool compat) {
  const auto input = [&](size_t i) -> const Value& { return taken[check.inputs[i]].value; };
  if (check.formula == Formula::kValue) return input(0);
  if (check.formula == Formula::kWhole) return whole(input(0));
  if (check.formula == Formula::kReal) return real(input(0), compat);
  const auto first = as_number(input(0));
  const auto second = as_number(input(1));
  if (!first || !second) return std::nullopt;
  if (check.formula == Formula::kDifference) {  // of two counts
    const auto* left = std::get_if<int64_t>(&input(0));
    const auto* right = std::get_if<int64_t>(&input(1));
    return left != nullptr && right != nullptr ? Value(*left - *right) : Value(*first - *second);
  }
  if (*first == 0 || *second == 0) return 0.0;
  // Rounded as a decimal text is, to the digits that people compare with.
  return std::strtod(fmt::format("{:.2f}", *first * 100 / *second).c_str(), nullptr);
}

}  // namespace metl::quality

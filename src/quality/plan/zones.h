// Is a value good, worth a warning, or bad?
#pragma once

#include <optional>
#include <string>

#include "quality/model/ast.h"
#include "quality/plan/variables.h"

namespace metl::quality {

// Conditions whose operands are numbers. A check has either `pass` (good when it holds) or `warn` and `fail` (bad when
// they hold).
struct Zones {
  std::optional<Condition> pass, warn, fail;
};

enum class Unit { kNumber, kDuration };

// Fills in variables. Throws Problem for an operand that is no number, or no duration where one is needed. With
// `compat` every operand is a real number, as to Soda Core: 9007199254740993 is the one nearest to it, which ends in 2.
Zones make_zones(const Check& check, const std::optional<Condition>& pass, Unit unit, const Variables& variables,
                 bool compat);

// Of a number; whole ones are compared exactly, whatever their size.
bool holds(const Condition& condition, const Value& value);

// The fail zone is asked before the warn zone.
Outcome judge(const Zones& zones, const Value& value);

// The bounds of a bad value, for results in Soda Core's form.
void set_bounds(const Zones& zones, CheckResult& check);

// "must be between 0 and 5", "warns when > 3, fails when > 10".
std::string to_text(const Zones& zones);

}  // namespace metl::quality

// Which types hold every value of another one, so that a file may have the one where the other is declared.
#pragma once

#include "base/type.h"

namespace metl {

// Whether each value of `from` is one of `to` and stays told apart from every other: int to bigint or double, float to
// double, a decimal to one with as many digits on both sides of the point, date to timestamp_ntz; the same inside of
// arrays, maps and structs, whose fields must have the same names in the same order. Equal types widen to each other.
bool widens(const Type& from, const Type& to);

}  // namespace metl

// Which types hold every value of another one, so that a file may have the one where the other is declared.
#pragma once

#include <cstddef>
#include <vector>

#include "base/type.h"

namespace metl {

// Whether each value of `from` is one of `to` and stays told apart from every other: int to bigint or double, float to
// double, a decimal to one with as many digits on both sides of the point, date to timestamp_ntz; the same inside of
// arrays, maps and structs, whose fields must have the same names in the same order. Equal types widen to each other.
bool widens(const Type& from, const Type& to);

// Which leaves of a type (the types in it that are not nested, depth first) hold nothing but NULL, whatever they are
// said to be: Parquet's null type, which writers give to lists that were all empty. Nothing in it: none does.
using NullLeaves = std::vector<bool>;

// `from` with what `to` has in the place of each such leaf, as NULL is a value of every type. What stands in no place
// of `to` stays as it is.
Type with_nulls_as(const Type& from, const NullLeaves& nulls, const Type& to);

// `from` with `type` in the place of each such leaf.
Type with_each_null_as(const Type& from, const NullLeaves& nulls, const Type& type);

// How many leaves a type has.
size_t leaves(const Type& type);

}  // namespace metl

// When a text, or a value of JSON, is one of a declared type as it is: nothing rounded, nothing cut. DuckDB's own casts
// take 1.7 for a bigint, and a time for a date.
#pragma once

#include <string>

#include "base/type.h"

namespace metl::engine {

// What the text of a value must look like beside being one that can be cast: a regular expression; "" for anything.
std::string pattern_of(const Type& type);

// The type with numbers that keep every digit in the place of those that are rounded to.
Type with_all_digits(const Type& type);

}  // namespace metl::engine

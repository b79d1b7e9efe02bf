// A bound of a column as Delta's statistics have it, exact or not at all.
#pragma once

#include <optional>
#include <string>

#include "base/type.h"

namespace metl::table {

enum class Bound { kLower, kUpper };

// A bound as ColumnStats has it, as JSON text. Empty for what not every reader can read: NaN, infinities, days
// and times outside of the years 1 to 9999, text that is not UTF-8, types that have no bounds.
std::optional<std::string> json_bound(const std::string& text, const Type& type, Bound side);

// At most 32 characters of a string. As a lower bound a prefix; as an upper bound a prefix and a letter that sorts
// behind all that may follow: longer, up to 64 characters, where that takes more; empty when there is none.
std::string lower_text(const std::string& utf8);
std::optional<std::string> upper_text(const std::string& utf8);

}  // namespace metl::table

// Rows of a table as commands show them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/rows.h"

namespace metl::cli {

// A list of objects.
nlohmann::ordered_json json_of(const Rows& rows);

// To standard output: columns below each other. Widths are of bytes: what is not ASCII may stand a little to the left.
void print_rows(const Rows& rows);

}  // namespace metl::cli

// Compares a dataset's columns with the rules of a schema check.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "quality/ast.h"

namespace metl::quality {

// What breaks the rules, for diagnostics: ("missing_column_names", "[id]"), in Soda Core's words. Empty when nothing
// does.
std::vector<std::pair<std::string, std::string>> schema_differences(const SchemaRules& rules, const Schema& schema);

}  // namespace metl::quality

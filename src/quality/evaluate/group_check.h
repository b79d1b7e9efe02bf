// The groups that a query gives: their names, and how they compare with the rules of a group evolution check.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "quality/model/history.h"
#include "quality/plan/rules.h"

namespace metl::quality {

// A group's name: the values of these columns of its row, as Soda Core writes them.
std::string group_name(const std::vector<Value>& row, const std::vector<size_t>& fields);

// What breaks the rules, for diagnostics: ("missing_groups", "[NL]"). Empty when nothing does. `earlier` is what the
// scan before found; null when there was none: rules about changes are then left out. Throws what ForbiddenNames
// throws.
std::vector<std::pair<std::string, std::string>> group_differences(const GroupRule& rule, const MeasuredGroups& groups,
                                                                   const MeasuredGroups* earlier);

}  // namespace metl::quality

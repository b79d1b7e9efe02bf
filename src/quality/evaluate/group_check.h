// The groups that a query gives: their names, and how they compare with the rules of a group evolution check.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/rows.h"
#include "quality/model/history.h"
#include "quality/plan/plain_query.h"
#include "quality/plan/rules.h"

namespace metl::quality {

// The groups of a query's rows.
struct Groups {
  MeasuredGroups names;  // the values of the fields, as Soda Core writes them
  // What is printed: the name; or, where a field must not be shown, "group 2": the group's place in the order of the
  // names' texts, the same in whatever order the rows come.
  MeasuredGroups shown;
};
Groups groups_of(const std::vector<std::vector<Value>>& rows, const std::vector<size_t>& fields, const Harmless& shown);

// What breaks the rules, for diagnostics: ("missing_groups", "[NL]"). Empty when nothing does. `earlier` is what the
// scan before found; null when there was none: rules about changes are then left out. Throws what ForbiddenNames
// throws.
std::vector<std::pair<std::string, std::string>> group_differences(const GroupRule& rule, const Groups& groups,
                                                                   const MeasuredGroups* earlier);

}  // namespace metl::quality

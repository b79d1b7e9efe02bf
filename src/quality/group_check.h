// The groups that a query gives: their names, and how they compare with the rules of a group evolution check.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "quality/ast.h"
#include "quality/history.h"
#include "quality/pattern.h"

namespace metl::quality {

// One zone's rules, as they are judged.
struct GroupRule {
  GroupRules rules;          // variables filled in
  bool fails = false;        // the fail zone's; else the warn zone's
  ForbiddenNames forbidden;  // of `rules`
};

// A group's name: the values of these columns of its row, as Soda Core writes them.
std::string group_name(const std::vector<Value>& row, const std::vector<size_t>& fields);

// What breaks the rules, for diagnostics: ("missing_groups", "[NL]"). Empty when nothing does. `earlier` is what the
// scan before found; null when there was none: rules about changes are then left out. Throws what ForbiddenNames
// throws.
std::vector<std::pair<std::string, std::string>> group_differences(const GroupRule& rule, const MeasuredGroups& groups,
                                                                   const MeasuredGroups* earlier);

}  // namespace metl::quality

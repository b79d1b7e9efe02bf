// The settings of a `group evolution` check: YAML -> GroupEvolutionBody.
#pragma once

#include "quality/syntax/check_body.h"

namespace metl::quality {

// `zone` is "warn" or "fail". Throws Problem; an unknown rule is a finding, the others still count.
GroupRules read_group_rules(const yaml::Node& node, const std::string& file, std::string_view zone, Findings& findings);

// Sets what `key` (not a zone) says; false when it is no such key. Throws Problem for a wrong value.
bool set_group_evolution(GroupEvolutionBody& body, const std::string& key, const std::string& file,
                         const yaml::Node& value);

// Throws Problem when there is no query or no rule.
void require_whole(const GroupEvolutionBody& body, const Location& at);

// The columns of a query that name a group. Throws Problem.
std::vector<std::string> read_fields(const yaml::Node& value, const std::string& file);

}  // namespace metl::quality

// The rules of a `schema` check's warn and fail zones: YAML -> SchemaRules.
#pragma once

#include "quality/syntax/check_body.h"

namespace metl::quality {

// `zone` is "warn" or "fail". Throws Problem; an unknown rule is a finding, the others still count.
SchemaRules read_schema_rules(const yaml::Node& node, const std::string& file, std::string_view zone,
                              Findings& findings);

// The value of a rule about names: a list of them that is not empty (in compat mode it may be). `what` is one of them
// ("column"). Throws Problem.
std::vector<Text> read_names(const yaml::Node& node, const std::string& file, const std::string& rule,
                             std::string_view what, std::string_view example, Findings& findings);

// The value of a rule about changes: `any`, or a list of some of `known`. Which of them, in order. Throws Problem.
std::vector<bool> read_changes(const yaml::Node& node, const std::string& file, const std::string& rule,
                               const std::vector<std::string>& known);

}  // namespace metl::quality

// The rules of a `schema` check's warn and fail zones: YAML -> SchemaRules.
#pragma once

#include "quality/check_body.h"

namespace metl::quality {

// `zone` is "warn" or "fail". Throws Problem; an unknown rule is a finding, the others still count.
SchemaRules read_schema_rules(const YAML::Node& node, const std::string& file, std::string_view zone,
                              Findings& findings);

}  // namespace metl::quality

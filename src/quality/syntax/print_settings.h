// Checks and their settings as YAML: the inverse of check_body.h.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "quality/model/ast.h"

namespace metl::quality {

// What stands below the check's line: a mapping, empty for none. A scalar that must be quoted is tagged "!".
YAML::Node settings_of(const Check& check);

// The line alone, or with its settings.
YAML::Node node_of(const Check& check);

// Puts the settings that say something into `body`, each name followed by `suffix`.
void add_validity(YAML::Node& body, const Validity& validity, const std::string& suffix);

}  // namespace metl::quality

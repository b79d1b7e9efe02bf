// A YAML text as a tree of nodes: what base/yaml.h promises of it. Internal to base/yaml.
#pragma once

#include <string>

#include "base/yaml.h"

namespace metl::yaml {

// Throws Error{kConfiguration}, "file:line:column: ...", for bytes that are not UTF-8, control characters, and the line
// breaks of Unicode, which YAML 1.1 folds and YAML 1.2 keeps.
void refuse_unreadable_bytes(const std::string& text, const std::string& file);

// The document of a text that has readable bytes only. Throws Error{kConfiguration}, "file:line:column: ...".
Node read_document(const std::string& text, const std::string& file);

}  // namespace metl::yaml

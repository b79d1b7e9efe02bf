// Refuses YAML that is small as a file and huge or endless as a document.
#pragma once

#include <string>

namespace metl::quality {

// Throws Error{kConfig}, "file:line:column: ...", for more than 64 levels, aliases that would unfold to more than a
// million nodes, and an alias inside what it stands for. What is no YAML at all is left to base/yaml.h.
//
// Before the parser builds its tree, because every later walk over that tree would follow the aliases.
void refuse_huge_yaml(const std::string& text, const std::string& file);

}  // namespace metl::quality

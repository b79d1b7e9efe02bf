// Refuses YAML that the parser would read as something else than it says, and YAML that is small as a file and huge or
// endless as a document.
#pragma once

#include <string>

namespace metl::yaml {

// Throws Error{kConfig}, "file:line:column: ...", for bytes that are not UTF-8 and for control characters: the parser
// takes one of them for the end of the file.
void refuse_unreadable_bytes(const std::string& text, const std::string& file);

// Throws Error{kConfig}, "file:line:column: ...", for a second document, which the parser would pass over, for more
// than 64 levels, aliases that would unfold to more than a million nodes or 64 MB of text, and an alias inside what it
// stands for. What is no YAML at all is left to base/yaml.h.
//
// Before the parser builds its tree, because every later walk over that tree would follow the aliases.
void refuse_huge_yaml(const std::string& text, const std::string& file);

}  // namespace metl::yaml

// YAML with the positions that error messages need. The parser is yaml-cpp.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <string_view>

#include "base/error.h"

namespace metl::yaml {

// The one document of a file; a null node for an empty file. Throws Error{kInputMissing} for a file that cannot be read
// and Error{kConfig}, "file:line:column: ...", for what is not YAML, has a key twice in one mapping or is huge
// (yaml_guard.h).
YAML::Node load_file(const std::string& path);

// The same for text that came from `name`.
YAML::Node load_text(const std::string& text, const std::string& name);

// "file:line:column", counted from 1; just the file where the node has no position.
std::string position(const std::string& file, const YAML::Node& node);

// Error{kConfig} at a node.
Error error_at(const std::string& file, const YAML::Node& node, std::string_view message, std::string hint = {});

}  // namespace metl::yaml

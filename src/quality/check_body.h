// One entry of a `checks` list: YAML -> Check. The keys nested under a check line are read here.
#pragma once

#include <string>
#include <vector>

#include "base/yaml.h"
#include "quality/ast.h"

namespace metl::quality {

// Where reading a file puts what it finds wrong: `errors` count, `notices` change no outcome.
struct Findings {
  std::vector<ScanError> errors;
  std::vector<ScanError> notices;
};

Location location_of(const std::string& file, const YAML::Node& node);

// A scalar with its place. Throws Problem for anything else; `what` names it in the message.
Text text_of(const std::string& file, const YAML::Node& node, std::string_view what);

// Sets what `key` ("valid min", "missing values", ...) says; false when it is no such key. Throws Problem for a wrong
// value.
bool set_validity(Validity& validity, const std::string& key, const std::string& file, const YAML::Node& value);

// Throws Problem when the check's line cannot be understood; what is wrong below it goes to `findings`.
Check read_check(const YAML::Node& item, const std::string& file, Findings& findings);

}  // namespace metl::quality

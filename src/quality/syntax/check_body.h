// One entry of a `checks` list: YAML -> Check. The keys nested under a check line are read here.
#pragma once

#include <string>
#include <vector>

#include "base/yaml.h"
#include "quality/model/ast.h"
#include "quality/syntax/reading.h"

namespace metl::quality {

// Sets what `key` ("valid min", "missing values", ...) says; false when it is no such key. Throws Problem for a wrong
// value.
bool set_validity(Validity& validity, const std::string& key, const std::string& file, const yaml::Node& value,
                  Findings& findings);

// Throws Problem when the check's line cannot be understood; what is wrong below it goes to `findings`.
Check read_check(const yaml::Node& item, const std::string& file, Findings& findings);

}  // namespace metl::quality

// The variables of the process.
#pragma once

#include <map>
#include <string>

namespace metl {

std::map<std::string, std::string> process_variables();

}  // namespace metl

// Turns the command line into an Invocation, by the flags of the commands. CLI11 splits the words; the checks
// and their messages are ours, because they name the nearest flag. No flag may be abbreviated: a later one could make
// it ambiguous.
#pragma once

#include <string>
#include <vector>

#include "cli/invocation.h"

namespace metl::cli {

// `arguments` without the program's name. Throws Error{kUsage}; what could be read by then is in `out`, so that the
// error can be told in the form that the user asked for.
void parse(const std::vector<std::string>& arguments, Invocation& out);

}  // namespace metl::cli

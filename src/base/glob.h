// Local files by a pattern, as a shell finds them.
#pragma once

#include <string>
#include <vector>

namespace metl::files {

// The paths that match, ordered; none for a pattern that matches nothing.
std::vector<std::string> matching(const std::string& pattern);

}  // namespace metl::files

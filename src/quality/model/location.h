// Where something stands in a checks file.
#pragma once

#include <string>

namespace metl::quality {

struct Location {
  std::string file;
  int line = 0;    // from 1
  int column = 0;  // from 1
};

// "checks.yaml:18:5"; "" for a location without a file.
std::string to_text(const Location& location);

}  // namespace metl::quality

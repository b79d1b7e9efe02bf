// How a declared column is found among those of a file: it is the one of exactly that name, or else the only one whose
// name differs in case alone.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace metl {

struct NameMatch {
  size_t index = 0;    // of the first that is meant; only with rivals
  size_t rivals = 0;   // how many could be meant: 0 for none, 1 where it is clear
  bool exact = false;  // they have exactly the name
};

NameMatch match_name(const std::vector<std::string>& names, std::string_view wanted);

}  // namespace metl

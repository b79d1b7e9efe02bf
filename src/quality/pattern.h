// Names with wildcards.
#pragma once

#include <string_view>

namespace metl::quality {

enum class Extent { kWhole, kBeginning };  // of the text that the pattern has to match

// Every letter of `wildcards` in the pattern stands for any text; case matters. Linear in memory, at worst quadratic in
// time.
bool matches_pattern(std::string_view text, std::string_view pattern, std::string_view wildcards, Extent extent);

// SQL's LIKE: % stands for any text, _ for any one letter (a byte of it).
bool matches_like(std::string_view text, std::string_view pattern);

}  // namespace metl::quality

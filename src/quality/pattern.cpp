#include "quality/pattern.h"

namespace metl::quality {
namespace {

constexpr char kNone = '\0';

// `any_one` stands for any one letter; kNone for no such wildcard.
bool matches(std::string_view text, std::string_view pattern, std::string_view wildcards, char any_one, Extent extent) {
  size_t t = 0;
  size_t p = 0;
  size_t retry_t = 0;  // where the last wildcard's text ends; grows when the rest does not fit
  size_t retry_p = std::string_view::npos;
  while (p < pattern.size() || (extent == Extent::kWhole && t < text.size())) {
    if (p < pattern.size() && wildcards.find(pattern[p]) != std::string_view::npos) {
      retry_p = ++p;
      retry_t = t;
    } else if (p < pattern.size() && t < text.size() &&
               (pattern[p] == text[t] || (pattern[p] == any_one && any_one != kNone))) {
      ++p;
      ++t;
    } else if (retry_p != std::string_view::npos && retry_t < text.size()) {
      p = retry_p;
      t = ++retry_t;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

bool matches_pattern(std::string_view text, std::string_view pattern, std::string_view wildcards, Extent extent) {
  return matches(text, pattern, wildcards, kNone, extent);
}

bool matches_like(std::string_view text, std::string_view pattern) {
  return matches(text, pattern, "%", '_', Extent::kWhole);
}

}  // namespace metl::quality

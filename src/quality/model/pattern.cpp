#include "quality/model/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "base/text.h"
#include "base/unicode.h"
#include "movies_etl_bridge/src/lib.rs.h"
#include "rust/cxx.h"

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

// The wildcards % and * as a regular expression has them. A star behind what it can repeat stays a repetition, unless
// `every_star`.
std::string expression_of(std::string_view pattern, bool every_star) {
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const bool repeats = i > 0 && (std::string_view(".)]").find(pattern[i - 1]) != std::string_view::npos ||
                                   (i > 1 && pattern[i - 2] == '\\'));
    if (c == '%' || (c == '*' && (every_star || !repeats)))
      out += ".*";
    else
      out += c;
  }
  return out;
}

std::function<bool(const std::string&)> expression(const std::string& pattern, bool any_case, const Text& written) {
  try {
    const auto compiled = std::make_shared<rust::Box<bridge::Pattern>>(bridge::new_pattern(pattern, any_case));
    return [compiled, written](const std::string& name) {
      try {
        return (*compiled)->matches(text::valid_utf8(name));
      } catch (const rust::Error& e) {
        throw std::runtime_error(fmt::format("the pattern '{}': {}", written.text, e.what()));
      }
    };
  } catch (const rust::Error& e) {
    throw Problem{written.at,
                  fmt::format("'{}' is not a regular expression, which a forbidden name is ({}); a bracket or "
                              "another sign that means itself needs a backslash in front of it",
                              written.text, e.what())};
  }
}

}  // namespace

bool is_meant(const std::vector<std::pair<bool, std::string>>& patterns, const std::string& name) {
  // A list that only excludes means all others.
  bool in = std::none_of(patterns.begin(), patterns.end(), [](const auto& pattern) { return pattern.first; });
  bool out = false;
  for (const auto& [include, pattern] : patterns) {
    (include ? in : out) |= matches_like(text::to_lower(name), text::to_lower(pattern));
  }
  return in && !out;
}

ForbiddenNames::ForbiddenNames(const std::vector<Text>& patterns, bool any_case, bool compat) {
  for (const auto& written : patterns) {
    const std::string pattern = text::valid_utf8(written.text);
    if (compat) {
      const std::string python = text::replace_all(text::replace_all(pattern, "%", ".*"), "*", ".*");
      rules_.push_back(expression(python, false, written));
      continue;
    }
    for (const bool every_star : {false, true})
      rules_.push_back(expression(expression_of(pattern, every_star), any_case, written));
    const std::string glob = any_case ? text::to_lower(pattern) : pattern;
    rules_.emplace_back([glob, any_case](const std::string& name) {
      return matches_pattern(any_case ? text::to_lower(name) : name, glob, "%*", Extent::kBeginning);
    });
  }
}

bool ForbiddenNames::hold(const std::string& name) const {
  return std::any_of(rules_.begin(), rules_.end(), [&](const auto& rule) { return rule(name); });
}

bool matches_pattern(std::string_view text, std::string_view pattern, std::string_view wildcards, Extent extent) {
  return matches(text, pattern, wildcards, kNone, extent);
}

bool matches_like(std::string_view text, std::string_view pattern) {
  return matches(text, pattern, "%", '_', Extent::kWhole);
}

}  // namespace metl::quality

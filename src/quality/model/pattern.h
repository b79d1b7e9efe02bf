// Names with wildcards, and those that are regular expressions.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "quality/model/ast.h"

namespace metl::quality {

enum class Extent { kWhole, kBeginning };  // of the text that the pattern has to match

// Every letter of `wildcards` in the pattern stands for any text; case matters. Linear in memory, at worst quadratic in
// time.
bool matches_pattern(std::string_view text, std::string_view pattern, std::string_view wildcards, Extent extent);

// SQL's LIKE: % stands for any text, _ for any one letter (a byte of it).
bool matches_like(std::string_view text, std::string_view pattern);

// Whether one of `patterns` (include?, SQL LIKE pattern) includes the name, and none excludes it; any case.
bool is_meant(const std::vector<std::pair<bool, std::string>>& patterns, const std::string& name);

// The names that a schema check or group evolution forbids. To Soda Core each is a regular expression of Python's in
// which % and * stand for any text, and which a forbidden name begins with: "pii" also forbids "pii_email". Read so
// alone it forbids less than people mean ("%id" not "id", as it makes "..*id" of it): here a name is also forbidden
// that begins with the pattern as a text with wildcards, or with the expression as it is written. Compat: as Soda Core.
class ForbiddenNames {
 public:
  ForbiddenNames() = default;
  // Throws Problem, with its place, for one that is no regular expression.
  ForbiddenNames(const std::vector<Text>& patterns, bool any_case, bool compat);

  // Throws std::runtime_error when an expression takes too long to try.
  bool hold(const std::string& name) const;

 private:
  std::vector<std::function<bool(const std::string& name)>> rules_;
};

}  // namespace metl::quality

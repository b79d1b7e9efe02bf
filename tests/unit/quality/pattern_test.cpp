#include "quality/model/pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace metl::quality {
namespace {

TEST(Pattern, WholeAndBeginning) {
  for (const auto& [text, pattern, whole, beginning] : std::vector<std::tuple<std::string, std::string, bool, bool>>{
           {"ratings", "ratings", true, true},
           {"ratings", "rat%", true, true},
           {"ratings", "%ings", true, true},
           {"ratings", "r%t%s", true, true},
           {"ratings", "rat", false, true},
           {"ratings", "%t", false, true},
           {"ratings", "x%", false, false},
           {"ratings", "ratings_", false, false},
           {"", "%", true, true},
           {"", "", true, true},
           {"a", "", false, true},
       }) {
    EXPECT_EQ(matches_pattern(text, pattern, "%", Extent::kWhole), whole) << text << " " << pattern;
    EXPECT_EQ(matches_pattern(text, pattern, "%", Extent::kBeginning), beginning) << text << " " << pattern;
  }
  EXPECT_FALSE(matches_pattern("ab", "a*", "%", Extent::kWhole));
  EXPECT_TRUE(matches_pattern("ab", "a*", "%*", Extent::kWhole));
}

TEST(Pattern, ManyWildcardsEnd) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "%a";
  EXPECT_FALSE(matches_pattern(std::string(2000, 'a') + "b", pattern, "%", Extent::kWhole));
}

}  // namespace
}  // namespace metl::quality

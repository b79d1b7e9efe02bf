#include "base/text.h"

#include <gtest/gtest.h>

namespace metl::text {
namespace {

TEST(Text, NearestIsATypoAwayOrNothing) {
  const std::vector<std::string> flags{"--execution-date", "--env", "--evolve"};
  EXPECT_EQ(nearest("--execution-dat", flags), "--execution-date");
  EXPECT_EQ(nearest("--ENV", flags), "--env");
  EXPECT_EQ(nearest("--evlove", flags), "--evolve");
  EXPECT_EQ(nearest("--something", flags), "");
  EXPECT_EQ(nearest("x", {}), "");
  EXPECT_EQ(did_you_mean("--evolv", flags), " Did you mean '--evolve'?");
  EXPECT_EQ(did_you_mean("zzz", flags), "");
}

TEST(Text, HumanNumbers) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1000), "1.0 kB");
  EXPECT_EQ(human_bytes(1'260'000), "1.3 MB");
  EXPECT_EQ(human_bytes(108'800'000'000), "108.8 GB");
  EXPECT_EQ(human_bytes(5'000'000'000'000'000), "5000.0 TB");
  EXPECT_EQ(human_count(0), "0");
  EXPECT_EQ(human_count(999), "999");
  EXPECT_EQ(human_count(44673), "44,673");
  EXPECT_EQ(human_count(1'000'000), "1,000,000");
  EXPECT_EQ(human_count(-123), "-123");
  EXPECT_EQ(human_count(-1234), "-1,234");
}

TEST(Text, ParseBytes) {
  EXPECT_EQ(parse_bytes("512MB"), 512'000'000);
  EXPECT_EQ(parse_bytes("2 GiB"), 2'147'483'648);
  EXPECT_EQ(parse_bytes(" 1.5kb "), 1500);
  EXPECT_EQ(parse_bytes("1073741824"), 1'073'741'824);
  EXPECT_EQ(parse_bytes("0"), 0);
  for (const char* text : {"", "MB", "-1", "1XB", "1 M B", "nan", "inf", "1e30", "99999999TB"})
    EXPECT_EQ(parse_bytes(text), -1) << text;
}

TEST(Text, SplitTrimReplace) {
  EXPECT_EQ(split("a.b.", '.'), (std::vector<std::string>{"a", "b", ""}));
  EXPECT_EQ(split("", '.'), (std::vector<std::string>{""}));
  EXPECT_EQ(trim(" \t a b\n"), "a b");
  EXPECT_EQ(trim("  "), "");
  EXPECT_EQ(replace_all("aaa", "a", "aa"), "aaaaaa");
  EXPECT_EQ(to_lower("AbÉ"), "abÉ");
}

TEST(Text, APositionCountsFromOne) {
  const auto at = [](std::string_view text, size_t byte) {
    const auto [line, column] = position_of(text, byte);
    return std::pair(line, column);
  };
  EXPECT_EQ(at("ab\ncd", 0), std::pair(1, 1));
  EXPECT_EQ(at("ab\ncd", 2), std::pair(1, 3));
  EXPECT_EQ(at("ab\ncd", 3), std::pair(2, 1));
  EXPECT_EQ(at("\n\n", 2), std::pair(3, 1));
  EXPECT_EQ(at("", 0), std::pair(1, 1));
}

}  // namespace
}  // namespace metl::text

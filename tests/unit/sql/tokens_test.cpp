#include "sql/tokens.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace metl::sql {
namespace {

using Kind = Token::Kind;

std::vector<std::string> texts(std::string_view sql) {
  std::vector<std::string> out;
  for (const auto& token : tokens_of(sql)) out.emplace_back(token.text);
  return out;
}

TEST(Tokens, EndWhereBothEnginesEndThem) {
  using testing::ElementsAre;
  EXPECT_THAT(texts("a.\"b\"\"c\"='it''s'"), ElementsAre("a", ".", "\"b\"\"c\"", "=", "'it''s'"));
  EXPECT_THAT(texts("x--y\r\nz"), ElementsAre("x", "--y", "\r\n", "z"));
  EXPECT_THAT(texts("/* a /* b */ ; */;"), ElementsAre("/* a /* b */ ; */", ";"));
  EXPECT_THAT(texts("$t$ it's $t$ $x ${y}"), ElementsAre("$t$ it's $t$", " ", "$", "x", " ", "$", "{", "y", "}"));
  EXPECT_THAT(texts("größe_1+é"), ElementsAre("größe_1", "+", "é"));
  EXPECT_THAT(texts(""), ElementsAre());
}

TEST(Tokens, KnowWhatIsNotClosed) {
  for (const char* open : {"'a", "\"a", "`a", "/* a", "/* /* */", "$$ a", "'a''"}) {
    const auto all = tokens_of(open);
    ASSERT_EQ(all.size(), 1) << open;
    EXPECT_FALSE(all[0].is_closed) << open;
  }
  EXPECT_TRUE(tokens_of("-- a")[0].is_closed);
}

TEST(Tokens, WithoutTheirQuotes) {
  EXPECT_EQ(tokens_of("'it''s'")[0].unquoted(), "it's");
  EXPECT_EQ(tokens_of("\"a\"\"b\"")[0].unquoted(), "a\"b");
  EXPECT_EQ(tokens_of("`a`")[0].unquoted(), "a");
  EXPECT_EQ(tokens_of("'a")[0].unquoted(), "a");
  EXPECT_EQ(tokens_of("$$a$$")[0].unquoted(), "$$a$$");
}

// Whatever the text: nothing is lost.
TEST(Tokens, TogetherAreTheText) {
  const std::string letters = "'\"`$-/*a;\n (";
  unsigned seed = 1;
  for (int round = 0; round < 20000; ++round) {
    std::string sql;
    for (int i = 0; i < 12; ++i) sql += letters[((seed = seed * 1103515245 + 12345) >> 16) % letters.size()];
    std::string again;
    for (const auto& token : tokens_of(sql)) again += token.text;
    ASSERT_EQ(again, sql);
  }
}

}  // namespace
}  // namespace metl::sql

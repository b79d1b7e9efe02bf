// What the one YAML reader takes and refuses, with the place and what to do. A file that is read as less than it says
// would let every check pass.
#include "base/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace metl::yaml {
namespace {

std::string refusal(const std::string& text) {
  try {
    load_text(text, "f");
    return "";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kConfig);
    return e.hint().empty() ? e.message() : e.message() + " | " + e.hint();
  }
}

TEST(Yaml, WhatIsNeverClosedIsRefusedWhereItOpens) {
  const std::string quote =
      "not valid YAML: the quote that opens here is never closed | Close the quote, or take it away.";
  EXPECT_EQ(refusal("a:\n  - b: \"rows\n  - c: 1\n"), "f:2:8: " + quote);
  EXPECT_EQ(refusal("a:\n  - b: 'rows\n  - c: 1\n"), "f:2:8: " + quote);
  EXPECT_EQ(refusal("a: \"x"), "f:1:4: " + quote);
  EXPECT_EQ(refusal("a: 'x\n---\nb: 'y'\n"), "f:1:4: " + quote);
  EXPECT_EQ(
      refusal("a: [1, 2\nb: 3\n"),
      "f:2:2: not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence from line 1, column 4)");
  EXPECT_THAT(refusal("a: {b: 1\n"), testing::StartsWith("f:2:1: not valid YAML: "));
}

TEST(Yaml, CutAndSlippedLinesAreRefused) {
  const std::string no_colon = "not valid YAML: a key without ':' | Write 'key: value'. Is the file cut off here?";
  EXPECT_EQ(refusal("a:\n  b: 1\n  loc"), "f:3:3: " + no_colon);
  EXPECT_EQ(refusal("a: 1\nloc\nb: 2\n"), "f:2:1: " + no_colon);
  EXPECT_EQ(refusal("a:\n\tb: 1\n"),
            "f:2:1: not valid YAML: a tab stands where the line is indented | Tabs may not indent YAML: use spaces.");
  EXPECT_THAT(refusal("ü: 1\na:\n  - x\n\t- y\n"), testing::HasSubstr("Tabs may not indent"));
  EXPECT_EQ(refusal("a: b: c\n"), "f:1:5: not valid YAML: mapping values are not allowed in this context");
  EXPECT_EQ(refusal("a: 1\n b: 2\n"), "f:2:3: not valid YAML: mapping values are not allowed in this context");
  EXPECT_EQ(refusal("a: {{ lake }}\n"),
            "f:1:5: a key must be a plain text | Quote a text that begins with '{' or '['.");
  EXPECT_EQ(refusal("a: 1\na: 2\n"), "f:2:1: key 'a' stands twice in the same mapping | Remove one of the two.");
  EXPECT_EQ(refusal("a: 1\n---\nb: 1\n"), "f:2:1: a second YAML document starts; put it into a file of its own");
  EXPECT_EQ(refusal("a: *b\n"), "f:1:4: the alias '*b' stands for nothing that is complete before it");
  EXPECT_THAT(refusal("a: \xE2\x80\xA8\n"), testing::HasSubstr("f:1:4: the character U+2028 breaks lines"));
  EXPECT_THAT(refusal("a: 1\nb: \xEF\xBF\xBE\n"), testing::StartsWith("f:2:4: not valid YAML: control characters"));
}

TEST(Yaml, TagsMeanNothingButTheCoreOnes) {
  const std::string hint = " | Tags mean nothing here: take it away, or quote a text that begins with '!'.";
  EXPECT_EQ(refusal("a: !env LAKE\n"), "f:1:4: unknown tag '!env'" + hint);
  EXPECT_EQ(refusal("a: !!python/object x\n"), "f:1:4: unknown tag '!!python/object'" + hint);
  EXPECT_EQ(refusal("a: !!binary x\n"), "f:1:4: unknown tag '!!binary'" + hint);
  EXPECT_EQ(refusal("a: !list [1]\n"), "f:1:4: unknown tag '!list'" + hint);
  const Node root = load_text("a: !!str 123\nb: !!int 5\nc: !!map {d: e}\nf: !!str\n", "f");
  EXPECT_EQ(root["a"].text(), "123");
  EXPECT_TRUE(root["a"].is_quoted());
  EXPECT_FALSE(root["b"].is_quoted());
  EXPECT_EQ(root["c"]["d"].text(), "e");
  EXPECT_TRUE(root["f"].is_scalar());
}

TEST(Yaml, MergeKeysTakeOverWhatAMappingHasNot) {
  const Node root = load_text(
      "one: &one {a: 1, b: 2}\ntwo: &two {b: 3, c: 4}\nuse:\n  b: own\n  <<: [*one, *two]\nquoted: {'<<': x}\n", "f");
  const Node use = root["use"];
  EXPECT_EQ(use.size(), 3u);
  EXPECT_EQ(use["a"].text() + use["b"].text() + use["c"].text(), "1own4");
  EXPECT_EQ(use["c"].place().line, 2);
  EXPECT_EQ(root["quoted"]["<<"].text(), "x");
  EXPECT_THAT(refusal("a: {<<: 5}\n"), testing::HasSubstr("f:1:5: '<<' takes over the keys of a mapping"));
}

TEST(Yaml, KindsTextsAndPlaces) {
  const Node root = load_text(
      "\xEF\xBB\xBF"
      "a: [x, 'y', ~, null, '']\nb:\nc: |\n  d\n",
      "f");
  EXPECT_EQ(root["a"].size(), 5u);
  EXPECT_FALSE(root["a"][0].is_quoted());
  EXPECT_TRUE(root["a"][1].is_quoted());
  EXPECT_TRUE(root["a"][2].is_null() && root["a"][3].is_null() && root["b"].is_null());
  EXPECT_TRUE(root["a"][4].is_scalar());
  EXPECT_FALSE(root["z"].is_defined());
  EXPECT_FALSE(root["a"][5].is_defined());
  EXPECT_EQ(root["c"].text(), "d\n");
  EXPECT_EQ(to_text(place_in("f", root["c"])), "f:3:4");
  EXPECT_TRUE(load_text("", "f").is_null());
  EXPECT_TRUE(load_text("# nothing\n", "f").is_null());
  EXPECT_TRUE(load_text("---\n", "f").is_null());
}

}  // namespace
}  // namespace metl::yaml

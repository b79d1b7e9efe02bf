// What print.h writes reads as the same document, and gives the same plan.
#include "quality/syntax/print.h"

#include <random>

#include "fixture.h"
#include "quality/explain.h"
#include "quality/syntax/document.h"

namespace metl::quality::test {
namespace {

namespace fs = std::filesystem;

// "" when the text, printed and read again, says the same; else what went wrong. Texts with errors have nothing to say.
std::string difference_after_printing(const std::string& text) {
  Findings first;
  const Document document = read_document_text(text, "f", first);
  if (!first.errors.empty()) return "";
  const std::string printed = print_document(document);
  Findings second;
  const Document again = read_document_text(printed, "f", second);
  if (!second.errors.empty())
    return to_text(second.errors[0].location) + " " + second.errors[0].message + "\n" + printed;
  return document == again ? "" : "another document:\n" + printed;
}

std::string text_of_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Print, LooksAsPeopleWriteIt) {
  const std::string text = R"(variables:
  day: 2021-01-01
filter ratings [daily]:
  where: run_date = '${day}'
configurations for ratings:
  valid min for rating: 0
checks for ratings [daily]:
  - row_count > 0
  - invalid_count("odd name") = 0:
      name: No odd ones
      fail: when > 3
      valid values: [a, "1"]
      n query: |
        SELECT 1
        FROM x
      attributes:
        team: data
for each dataset T:
  datasets: [dim%, exclude dim_x]
  checks:
    - schema:
        fail:
          when required column missing: [id]
)";
  Findings findings;
  std::string wanted = text::replace_all(text, "      n query: |\n        SELECT 1\n        FROM x\n", "");
  EXPECT_EQ(print_document(read_document_text(wanted, "f", findings)), wanted);
  EXPECT_TRUE(findings.errors.empty());
  EXPECT_EQ(print_document(read_document_text(
                "checks for t:\n  - n > 1:\n      n query: |\n        SELECT 1\n        FROM x\n", "f", findings)),
            "checks for t:\n  - n > 1:\n      n query: |\n        SELECT 1\n        FROM x\n");
  EXPECT_EQ(print_document(read_document_text("", "f", findings)), "");
}

TEST(Print, OddTextsComeBack) {
  for (const std::string value :
       {"'1'",         "1",     "'true'", "true",   "''",   "' a '",   "\"a\\nb\"", "\"\\x04\\e\\0\"",
        "\"\\uFEFF\"", "'- a'", "'# a'",  "'a: b'", "'?'",  "'~'",     "'null'",    "'*a'",
        "'&a'",        "'!a'",  "'%a'",   "'@a'",   "'`a'", "'[a'",    "'{a'",      "'a, b'",
        "\"\\u2028\"", "ü🎬",    "'a''b'", "'\"'",   "'\\'", "\"\\t\"", "'---'",     "\"---\\n\"",
        "'>'",         "'|'"}) {
    EXPECT_EQ(difference_after_printing("checks for t:\n  - invalid_count(a) = 0:\n      name: " + value +
                                        "\n      valid values: [" + value + ", " + value + "]\n"),
              "")
        << value;
    EXPECT_EQ(difference_after_printing("checks for t:\n  - failed rows:\n      fail query: " + value + "\n"), "")
        << value;
  }
  for (const std::string block : {"|\n        a\n        b\n", "|-\n        a\n        b\n", "|+\n        a\n\n\n",
                                  "|2\n          a\n        b\n", ">\n        a\n        b\n\n        c\n",
                                  "|\n        a\n\n        b\t \n", "|\n\n        a\n"}) {
    EXPECT_EQ(difference_after_printing("checks for t:\n  - failed rows:\n      fail query: " + block +
                                        "  - row_count > 0\n"),
              "")
        << block;
    EXPECT_EQ(difference_after_printing("filter t [a]:\n  where: " + text::replace_all(block, "        ", "      ")),
              "")
        << block;
  }
  EXPECT_EQ(difference_after_printing("checks for t:\n  - ? missing_count(\"" + std::string(3000, 'x') +
                                      "\") = 0\n    : name: long\n"),
            "");
  EXPECT_EQ(difference_after_printing("configurations for t:\n  'valid min for \"a b\"': 1\n  'valid min for "
                                      "\"\"\"q\"': 2\n  valid min for x y: 3\n"),
            "");
}

// Any text in any place: what YAML cannot hold as it is, what it would take for something else, and what the writer
// uses itself.
TEST(Print, HostileTextsComeBack) {
  const std::vector<std::string> pieces{
      "\\uFFFE",     "\\uFFFF",
      "\\U0001FFFE", "\\U0010FFFF",
      "\\uFDD0",     "\\uFDEF",
      "\\uFFFD",     "\\uFEFF",
      "\\x85",       "\\u2028",
      "\\u2029",     "\\x00",
      "\\x1b",       "\\x7f",
      "\\x9f",       "\\n",
      "\\r",         "\\t",
      "\\\\",        "\\\"",
      "'",           "#",
      ": ",          "- ",
      "&",           "*",
      "!",           "%",
      "@",           "`",
      "{",           "}",
      "[",           "]",
      ",",           "?",
      "|",           ">",
      " ",           "~",
      "a",           "1",
      "ü",           "🎬",
      "\\U00100000", "\\\\U00100000",
      "U00100000",   "\\U00100001",
      "\\uE000",     "${v}",
      "---",         "...",
      "null",        "true",
      "\\xa0",       "\\u200b",
  };
  std::minstd_rand random(13);
  int read = 0;  // the others have a text where none may be, such as an empty query
  for (int round = 0; round < 2000; ++round) {
    const auto scalar = [&] {
      std::string out = "\"";
      for (unsigned n = random() % 6; n > 0; --n) out += pieces[random() % pieces.size()];
      return out + "\"";
    };
    const std::string text = fmt::format(
        "variables:\n  v: {}\nfilter t [x]:\n  where: {}\nchecks for t [x]:\n  - row_count > 0:\n      name: {}\n      "
        "attributes:\n        {}: {}\n  - invalid_count(a) = 0:\n      valid values: [{}, {}]\n  - failed rows:\n      "
        "name: {}\n      fail query: {}\n",
        scalar(), scalar(), scalar(), scalar(), scalar(), scalar(), scalar(), scalar(), scalar());
    Findings findings;
    read_document_text(text, "f", findings);
    if (findings.errors.empty()) ++read;
    ASSERT_EQ(difference_after_printing(text), "") << text;
  }
  EXPECT_GT(read, 500);
}

// Every case file, and what is planned from it.
TEST_F(ScanTest, CasesPrintedGiveTheSamePlan) {
  variables_ = {{"TBL", "movie_ratings_curated"}, {"run_date", "2021-01-01"}, {"LIM", "1"}, {"HI", "9"}, {"COL", "ts"},
                {"N1", "2024-01-01T12:00:00"},    {"N2", "2024-01-03"}};
  int files = 0;
  for (const auto& folder : {fs::path(METL_SOURCE_DIR) / "tests/unit/quality/cases",
                             fs::path(METL_SOURCE_DIR).parent_path() / "shared/soda/cases"}) {
    if (!fs::is_directory(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() != ".yml") continue;
      const std::string text = text_of_file(entry.path());
      EXPECT_EQ(difference_after_printing(text), "") << entry.path();
      Findings findings;
      const Document document = read_document_text(text, entry.path().string(), findings);
      if (!findings.errors.empty()) continue;
      const ChecksFile printed(print_document(document));
      const Explanation before = explain({{entry.path().string()}, variables_, now_}, data_);
      const Explanation after = explain({{printed.path()}, variables_, now_}, data_);
      ASSERT_EQ(before.checks.size(), after.checks.size()) << entry.path();
      for (size_t i = 0; i < before.checks.size(); ++i) {
        EXPECT_EQ(before.checks[i].queries, after.checks[i].queries);
        EXPECT_EQ(before.checks[i].check.name, after.checks[i].check.name);
        EXPECT_EQ(before.checks[i].check.threshold, after.checks[i].check.threshold);
        EXPECT_EQ(before.checks[i].check.origin.traits, after.checks[i].check.origin.traits);
      }
      ++files;
    }
  }
  EXPECT_GT(files, 4);
}

// Documents by chance (a seed each), of every kind of section and setting.
class RandomText {
 public:
  explicit RandomText(uint32_t seed) : state_(seed * 2654435761U + 1) {}

  std::string document() {
    std::string out;
    if (one_in(3)) out += "variables:\n  v: " + scalar() + "\n  w: " + scalar() + "\n";
    if (one_in(2)) out += "filter t [" + word() + "]:\n  where: " + scalar() + "\n";
    if (one_in(2)) out += "configurations for " + name() + ":\n" + validity("  ", " for " + word());
    out += "checks for " + name() + " [part]:\n" + checks("  ");
    if (one_in(2))
      out += "for each dataset D:\n  datasets: [" + word() + "%, exclude " + word() + "]\n  checks:\n" + checks("    ");
    if (one_in(2)) out += "checks:\n  - failed rows:\n      fail query: " + scalar() + "\n";
    return out;
  }

 private:
  uint32_t below(uint32_t n) { return (state_ = state_ * 1664525 + 1013904223) / 65536 % n; }
  bool one_in(uint32_t n) { return below(n) == 0; }
  template <size_t N>
  std::string any(const std::array<const char*, N>& of) {
    return of[below(N)];
  }
  std::string word() { return any(std::array{"rating", "movie_id", "x", "d", "${v}", "in", "ümlaut"}); }
  std::string name() { return any(std::array{"ratings", "\"odd name\"", "`b`", "[c d]", "${TBL}"}); }
  std::string scalar() {
    return any(std::array{"a = 1", "'it''s'", "\"l1\\nl2\\n\"", "\"\\x01\"", "5", "'5'", "true", "\"- x: y\"",
                          "\"# no\"", "ü", "' s '", "\"\\\"\"", "'*'"});
  }
  std::string number() { return any(std::array{"0", "-1", "4.50", "+3", "1e3", "${v}", ".5"}); }
  std::string condition() { return any(std::array{"> ", "<= ", "!= ", "= "}) + number(); }
  std::string zone() {
    return one_in(2) ? "when " + condition()
                     : "when " + any(std::array{"", "not "}) + "between (" + number() + " and 9]";
  }
  std::string values() {
    return one_in(2) ? "['1', 'true', " + any(std::array{"a", "''", "\"\\n\""}) + "]" : "[1, 2.50, -3]";
  }
  std::string validity(const std::string& indent, const std::string& suffix) {
    std::string out;
    if (one_in(2)) out += indent + "valid values" + suffix + ": " + values() + "\n";
    if (one_in(2)) out += indent + "missing values" + suffix + ": " + values() + "\n";
    if (one_in(3)) out += indent + "valid regex" + suffix + ": " + scalar() + "\n";
    if (one_in(3)) out += indent + "invalid format" + suffix + ": email\n";
    out += indent + "valid min" + suffix + ": " + number() + "\n";
    return out;
  }
  std::string settings(const std::string& indent) {
    std::string out;
    if (one_in(2)) out += indent + "name: " + scalar() + "\n";
    if (one_in(2)) out += indent + "warn: " + zone() + "\n";
    if (one_in(3)) out += indent + "identity: " + word() + "\n";
    if (one_in(3)) out += indent + "samples limit: 3\n";
    if (one_in(3)) out += indent + "attributes: {" + word() + ": [a, b], other: " + word() + "}\n";
    return out + indent + "fail: " + zone() + "\n";
  }
  std::string check(const std::string& in) {
    const std::string below_it = in + "    ";
    switch (below(11)) {
      case 8:
        return in + "- change avg last 7 for row_count " + condition() + "\n" + in + "- change for row_count:\n" +
               settings(below_it);
      case 9:
        return in + "- anomaly detection for avg(x):\n" + below_it + "warn_only: true\n" + below_it +
               "severity_level_parameters: {warning_ratio: 0.25, min_confidence_interval_ratio: 1e-7}\n" + below_it +
               "training_dataset_parameters: {window_length: 30}\n";
      case 10:
        return in + "- group evolution:\n" + below_it + "query: " + scalar() + "\n" + below_it + "fields: [a]\n" +
               below_it + "warn: {when required group missing: ['1', b], when groups change: any}\n" + below_it +
               "fail: {when groups change: [group add]}\n" + in + "- schema:\n" + below_it +
               "fail: {when schema changes: [column add, column type change]}\n";
      case 0:
        return in + "- row_count " + condition() + "\n";
      case 1:
        return in + "- invalid_count(" + name() + "):\n" + settings(below_it) + validity(below_it, "");
      case 2:
        return in + "- values in (a, b) must exist in " + name() + " (c, \"d\")\n";
      case 3:
        return in + "- schema:\n" + below_it + "warn:\n" + below_it + "  when forbidden column present: [" + word() +
               ", 'pii%']\n" + below_it + "  when wrong column index: {a: 3}\n" + below_it +
               "  when mismatching columns: {a: bigint, 'b: c': string}\n" + below_it +
               "  with optional columns: [a]\n";
      case 4:
        return in + "- failed rows:\n" + below_it + "fail condition: " + scalar() + "\n" + settings(below_it);
      case 5:
        return in + "- own" + ":\n" + settings(below_it) + below_it + "own " +
               any(std::array{"expression: ", "query: "}) + scalar() + "\n";
      case 6:
        return in + "- group by:\n" + below_it + "query: " + scalar() + "\n" + below_it + "fields: [a, 'b c']\n" +
               below_it + "group_limit: 7\n" + below_it + "checks:\n" + below_it + "  - n " + condition() + ":\n" +
               below_it + "      name: " + scalar() + "\n";
      default:
        return in + "- freshness(ts, " + word() + ") < 1d2h\n" + in + "- row_count same as " + name() + " [p]\n";
    }
  }
  std::string checks(const std::string& indent) {
    std::string out = check(indent);
    for (uint32_t more = below(5); more > 0; --more) out += check(indent);
    return out;
  }

  uint32_t state_;
};

TEST(Print, RandomDocumentsComeBack) {
  int readable = 0;
  for (uint32_t seed = 1; seed <= 2000; ++seed) {
    const std::string text = RandomText(seed).document();
    EXPECT_EQ(difference_after_printing(text), "") << "seed " << seed << ":\n" << text;
    Findings findings;
    read_document_text(text, "f", findings);
    readable += findings.errors.empty() ? 1 : 0;
    if (HasFailure()) break;
  }
  EXPECT_GT(readable, 1000) << "too few of them say anything";
}

}  // namespace
}  // namespace metl::quality::test

// Names, values and files that were written to do harm: nothing leaves its place in the SQL, nothing hangs, nothing
// crashes.
#include "fixture.h"
#include "quality/sql.h"

namespace metl::quality::test {
namespace {

class Hostile : public ScanTest {};

std::string outcome_of(const ScanResult& result) {
  if (result.checks.empty()) return "no check";
  return (result.checks[0].outcome == Outcome::kPass ? "pass " : "other ") + to_text(result.checks[0].value);
}

TEST_F(Hostile, ValuesStayLiterals) {
  for (const std::string value :
       {"x') OR 1=1 --", "'; DROP TABLE ev; --", "\\'", "\"", "ü\xF0\x9F\x8E\xAC", "${X}", "a\nb", "/*", "$$"}) {
    variables_ = {{"V", value}, {"X", "not looked at again"}};
    const ScanResult result = scan_check(
        "  - invalid_count(txt) = 4:\n      valid values: ['${V}']\n  - missing_count(txt) = 0:\n      missing values: "
        "['${V}']\n");
    EXPECT_EQ(errors_of(result), "") << value;
    EXPECT_EQ(outcome_of(result), "pass 4") << value;
    EXPECT_EQ(result.count(Outcome::kPass), 2) << value;
  }
  EXPECT_EQ(db_.query("select * from ev").rows.size(), 1U);
}

TEST_F(Hostile, NamesStayNames) {
  db_.query(R"(create table "odd ""name; --" as select 1 as "a""b; --", 2 as "${X}")");
  variables_ = {{"T", "odd \"name; --"}, {"C", "a\"b; --"}, {"BAD", "x) FROM ev; DROP TABLE ev; --"}};
  EXPECT_EQ(outcome_of(scan_text("checks for ${T}:\n  - missing_count(${C}) = 0")), "pass 0");
  EXPECT_EQ(outcome_of(scan_text("checks for ${T}:\n  - missing_count(\"a\"\"b; --\") = 0")), "pass 0");
  const ScanResult result = scan_check("  - missing_count(${BAD}) = 0\n  - duplicate_count(${BAD}) = 0");
  EXPECT_EQ(result.errors.size(), 2U);
  EXPECT_TRUE(result.queries.empty());
}

TEST_F(Hostile, NumbersStayNumbers) {
  variables_ = {{"N", "0 OR 1=1"}};
  EXPECT_EQ(errors_of(scan_check("  - invalid_count(rating) = 0:\n      valid min: ${N}")),
            "checks.yaml:3:18: '${N}' is '0 OR 1=1', which is no number\n");
  EXPECT_EQ(errors_of(scan_check("  - row_count > ${N}")),
            "checks.yaml:2:5: the threshold ${N} ('0 OR 1=1') is no number\n");
}

// Conditions and queries are SQL, but only inside their brackets.
TEST(Embed, KeepsSqlInsideItsBrackets) {
  for (const std::string good :
       {"a = ';'", "a = ')' -- )", "(a) OR (b)", "a /* ) */ = 1", "\"a)\" = 'it''s'", "select 1;"}) {
    EXPECT_NO_THROW(embed(good, {})) << good;
  }
  for (const std::string bad : {"1=1) OR (1=1", "1=1; DROP TABLE ev", "1=1) --", "a = 'x", "/* x", "((a)",
                                "$$'$$) ; DROP TABLE ev --'", "E'\\'' ) ; DROP TABLE ev --'",
                                "/* /* */ ' */ ) ; DROP TABLE ev; --'", "-- x\r) ; DROP TABLE ev", "", " ; ", ")("}) {
    EXPECT_THROW(embed(bad, {}), Problem) << bad;
  }
}

TEST_F(Hostile, SqlOfAFilterCannotReachOtherChecks) {
  const ScanResult result = scan_check(
      "  - row_count = 4\n  - row_count = 4:\n      filter: 1=1) THEN 1 END), (SELECT COUNT(*) FROM ev WHERE (1=1");
  EXPECT_EQ(outcome_of(result), "pass 4");
  EXPECT_EQ(errors_of(result), "checks.yaml:4:15: the brackets of the SQL do not pair up\n");
}

TEST_F(Hostile, HugeAndEndlessFilesAreRefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 9; ++k) bomb += (k > 0 ? ", *a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_EQ(errors_of(scan_text(bomb)), "checks.yaml:7:15: the file unfolds to more than a million values\n");
  EXPECT_NE(errors_of(scan_text("a: &a [*a]\n")).find("an alias stands inside what it stands for"), std::string::npos);
  EXPECT_NE(errors_of(scan_text("checks: " + std::string(100'000, '['))).find("more than 64 levels"),
            std::string::npos);
  EXPECT_NE(errors_of(scan_text("# " + std::string(5'000'000, 'x'))).find("larger than 4 MiB"), std::string::npos);
}

TEST_F(Hostile, OddShapesOfYamlAreErrors) {
  for (const std::string text :
       {"- a", "a", "checks for x: 1", "checks for dim_movie:\n  - [a]", "checks for dim_movie:\n  - ? [a]\n    : b",
        "checks for dim_movie:\n  - row_count > 0: x", "checks for dim_movie:\n  - {}", "? [a]\n: b", "variables: [a]",
        "variables:\n  a: [b]", "filter dim_movie [x]:\n  - where",
        "checks for dim_movie:\n  - row_count > 0:\n      name: [a]", "configurations for dim_movie:\n  valid min: 3",
        "for each dataset T:\n  checks: []", "checks for dim_movie:\n  - ~",
        "checks for dim_movie:\n  - group by:\n      checks: [schema]"}) {
    const ScanResult result = scan_text(text);
    EXPECT_FALSE(result.errors.empty()) << text;
    EXPECT_EQ(result.count(Outcome::kPass), 0) << text;
  }
}

}  // namespace
}  // namespace metl::quality::test

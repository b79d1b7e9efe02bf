// Names, values and files that were written to do harm: nothing leaves its place in the SQL, nothing hangs, nothing
// crashes.
#include "fixture.h"
#include "quality/document.h"
#include "quality/plan.h"
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

// Files with bytes changed, cut and doubled: read and planned without a crash.
TEST_F(Hostile, DamagedFilesDoNotCrash) {
  const std::string whole = R"(
variables: {day: '2021-01-01'}
filter movie_ratings_curated [daily]:
  where: run_date = '${day}'
configurations for movie_ratings_curated:
  valid min for rating: 0
checks for movie_ratings_curated [daily]:
  - row_count between (1 and ${env_var('HI', '5')}]
  - invalid_count(rating) = 0: {valid max: 5, filter: budget > 0, samples limit: 3, attributes: {a: [b]}}
  - "percentile(\"rating\", 0.5) > 1":
      warn: when not between 1 and 2
  - values in (movie_id, user_id) must not exist in dim_movie (id, id)
  - schema: {fail: {when wrong column type: {movie_id: 'array<struct<a:decimal(3,1)>>'}}}
  - n > 1: {n query: 'select (1) -- x', name: "N ${day}"}
  - group by: {query: select 1 as g, fields: [g], checks: [{g > 0: {name: g}}]}
for each dataset T:
  datasets: [dim_%]
  checks: [row_count > 0]
)";
  ASSERT_EQ(errors_of(scan_text(whole)), "");
  const std::string alphabet = "[]{}()<>=!,:-'\"`$%&*#|\n 0d\xC3";
  // The database is asked once: this is about the reading.
  std::map<std::string, Schema> schemas;
  DataAccess data = data_;
  data.schema_of = [&](const std::string& view) {
    const auto [known, added] = schemas.try_emplace(view);
    if (added) known->second = data_.schema_of(view);
    return known->second;
  };
  data.datasets = [names = data_.datasets()] { return names; };
  data.view_of = [names = data.datasets()](const std::string& dataset) -> std::optional<std::string> {
    if (std::find(names.begin(), names.end(), dataset) == names.end()) return std::nullopt;
    return text::sql_identifier(dataset);
  };
  uint32_t random = 1;
  const auto below = [&](size_t n) { return (random = random * 1664525 + 1013904223) / 65536 % n; };
  Findings findings;
  for (int i = 0; i < 3000; ++i) {
    std::string text = whole;
    for (size_t edits = below(4) + 1; edits > 0; --edits) {
      const size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text[at] = alphabet[below(alphabet.size())];
          break;
        case 1:
          text.erase(at, below(20));
          break;
        case 2:
          text.insert(at, text.substr(below(text.size()), below(40)));
          break;
        default:
          text.insert(at, 1, alphabet[below(alphabet.size())]);
          break;
      }
      if (text.empty()) text = "a";
    }
    const Document document = read_document_text(text, "f", findings);
    Variables variables({}, now_, false);
    Plan plan;
    plan_document(document, variables, data, false, plan, findings.errors);
  }
  EXPECT_GT(findings.errors.size(), 1000U);
}

}  // namespace
}  // namespace metl::quality::test

// Names, values and files that were written to do harm: nothing leaves its place in the SQL, nothing hangs, nothing
// crashes.
#include "base/unicode.h"
#include "fixture.h"
#include "quality/explain.h"
#include "quality/plan/plan.h"
#include "quality/plan/sql.h"
#include "quality/report/render.h"
#include "quality/report/soda.h"
#include "quality/syntax/document.h"
#include "sql/names.h"

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
            "checks.yaml:3:18: '${N}' is '0 OR 1=1', which is not a number\n");
  EXPECT_EQ(errors_of(scan_check("  - row_count > ${N}")),
            "checks.yaml:2:5: the threshold ${N} ('0 OR 1=1') is not a number\n");
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
  EXPECT_EQ(errors_of(scan_text(bomb)),
            "checks.yaml:7:15: the file unfolds to more than a million values, or 64 MB of text\n");
  std::string aliases = "a: &a " + std::string(1'000'000, 'x') + "\nb: [*a";
  for (int i = 0; i < 100; ++i) aliases += ", *a";
  EXPECT_NE(errors_of(scan_text(aliases + "]\n")).find("or 64 MB of text"), std::string::npos);
  EXPECT_NE(errors_of(scan_text("a: &a [*a]\n")).find("the alias '*a' stands for nothing that is complete before it"),
            std::string::npos);
  EXPECT_NE(errors_of(scan_text("checks: " + std::string(100'000, '['))).find("more than 64 levels"),
            std::string::npos);
  EXPECT_NE(errors_of(scan_text("# " + std::string(5'000'000, 'x'))).find("larger than 4 MiB"), std::string::npos);
}

TEST_F(Hostile, NothingOfAFileIsPassedOver) {
  const std::string check = "checks for dim_movie:\n  - row_count > 0\n";
  EXPECT_EQ(errors_of(scan_text(check + "\x04" + "  - row_count > 5\n")),
            "checks.yaml:3:1: byte 0x04 is a control character; between double quotes it can be written as \\x..\n");
  EXPECT_EQ(errors_of(scan_text(check + "# \xFF\n")),
            "checks.yaml:3:3: byte 0xff is not UTF-8; save the file as UTF-8\n");
  EXPECT_EQ(errors_of(scan_text(check + "---\nchecks for dim_movie:\n  - row_count > 5\n")),
            "checks.yaml:3:1: a second YAML document starts; put it into a file of its own\n");
  EXPECT_NE(errors_of(scan_text(check + "---\n@\n")), "");
  EXPECT_EQ(errors_of(scan_text("---\n" + check + "...\n")), "");
  EXPECT_EQ(errors_of(scan_text("variables: {a: 1}\n\"variables\" : {a: 2}\n")),
            "checks.yaml:2:1: key 'variables' stands twice in the same mapping. Remove one of the two.\n");
  EXPECT_EQ(errors_of(scan_text("variables: {a: 1}\n\" variables\" : {a: 2}\n" + check)),
            "checks.yaml:2:17: variable 'a' is declared twice\n");
  EXPECT_EQ(errors_of(scan_text("configurations for dim_movie:\n  valid min for \"x: 1\n" + check)),
            "checks.yaml:2:3: 'valid min for \"x' names no column, as in 'valid min for rating: 0'\n");
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

// A result whose every text was written to break out of the format that it is printed in.
ScanResult hostile_result(const std::string& text) {
  ScanResult result;
  for (const Outcome outcome : {Outcome::kPass, Outcome::kWarn, Outcome::kFail, Outcome::kNotEvaluated}) {
    CheckResult check;
    check.name = check.dataset = check.partition = check.column = check.definition = check.metric = check.measured =
        text;
    check.threshold = check.identity = check.origin.yaml = check.origin.traits = check.origin.metric_traits = text;
    check.location = {text, 3, 5};
    check.outcome = outcome;
    check.value = text;
    check.diagnostics = {{"check_value", text}, {text, text}, {"x_count", text}};
    check.attributes = {{text, text}};
    result.checks.push_back(check);
    check.metric = "schema";
    check.origin.group = text;
    check.schema = {Field{}};
    check.schema[0].name = text;
    check.name = text + " [" + text + "]";
    result.checks.push_back(check);
  }
  result.errors = {{{text, 1, 2}, text}, {{"", 0, 0}, text}};
  result.notices = {{{text, 1, 2}, text}};
  result.queries = {{text, text, text, text, 0.5, text}, {text, "", "", text, 0.5, ""}};
  return result;
}

const std::vector<std::string> kHostileTexts = {"\x1b[2J\x1b]0;title\x07",
                                                "a\nb\r\nc",
                                                "\n::error::injected",
                                                "::stop-commands::x",
                                                "##[error]injected",
                                                "%0A::error::x",
                                                "a|b\\|c",
                                                "``` ` x",
                                                "`",
                                                "<script>alert(1)</script>",
                                                "]]>&amp;\"'",
                                                "@team #1 [x](http://a) ![](x)",
                                                "\xC2\x9b"
                                                "31m",
                                                "\xE2\x80\xAE"
                                                "abc",
                                                "\xE2\x80\xA8x",
                                                "\xFF\xC3",
                                                "\xEF\xBF\xBE",
                                                std::string("a\0b", 3),
                                                "ü🎬",
                                                "",
                                                " ",
                                                "'); DROP TABLE ev; --",
                                                "[",
                                                "] ["};

bool is_printable_line(const std::string& line) { return text::printable(line) == line; }

TEST(HostileOutput, NothingReachesTheTerminal) {
  const SodaScan about{"d\x1b[0m", "s\n", "v\x1b", {}, {}, {}};
  for (const auto& text : kHostileTexts) {
    const ScanResult result = hostile_result(text);
    Explanation explanation;
    for (const auto& check : result.checks) explanation.checks.push_back({check, {text}});
    explanation.errors = result.errors;
    for (const auto& output : {render_text(result, false), render_soda(result, about, true), render_github(result),
                               render_markdown(result), render_junit(result), render_text(explanation)}) {
      for (const auto& line : text::split(output, '\n')) EXPECT_TRUE(is_printable_line(line)) << line;
    }
  }
  EXPECT_EQ(text::printable("\x1b[31mred\x1b[0m \xE2\x80\xAE\xFF\n"), "\\x1b[31mred\\x1b[0m \\u202e\\xff\\n");
}

TEST(HostileOutput, JsonCanAlwaysBeWritten) {
  for (const auto& text : kHostileTexts) {
    const ScanResult result = hostile_result(text);
    EXPECT_NO_THROW(static_cast<void>(to_json(result).dump())) << text;
    EXPECT_NO_THROW(static_cast<void>(to_soda_json(result, {text, text, text, {}, {}, {}}).dump())) << text;
  }
}

// GitHub reads a command in any line that begins with "::" after spaces, and "##[...]" anywhere in the others.
TEST(HostileOutput, OnlyOurOwnWorkflowCommands) {
  for (const auto& text : kHostileTexts) {
    const ScanResult result = hostile_result(text);
    const auto lines = text::split(render_github(result), '\n');
    ASSERT_EQ(lines.size(), 4U + 2 + 1 + 1 + 1) << "a line for each bad check, error and notice; the summary; nothing";
    for (size_t i = 0; i + 2 < lines.size(); ++i) {
      EXPECT_TRUE(lines[i].starts_with("::error ") || lines[i].starts_with("::warning ") ||
                  lines[i].starts_with("::notice "))
          << lines[i];
      const std::string properties = lines[i].substr(2, lines[i].find("::", 2) - 2);
      EXPECT_LE(std::count(properties.begin(), properties.end(), ','), 3) << lines[i];
    }
    EXPECT_EQ(lines[lines.size() - 2], "8 checks: 2 passed, 2 warned, 2 failed, 2 not evaluated, 2 errors");
  }
}

// The lines of an engine's message stand behind a mark: none is a command, whatever format is printed there.
TEST(HostileOutput, MessagesOfSeveralLines) {
  ScanResult result;
  result.errors = {{{"f", 1, 2}, "first\n::error::second\n  ::third"}};
  EXPECT_EQ(render_text(result, false),
            "ERROR  f:1:2: first\n    | ::error::second\n    |   ::third\n0 checks: 1 error\n");
}

TEST(HostileOutput, MarkdownTablesKeepTheirColumns) {
  for (const auto& text : kHostileTexts) {
    for (const auto& line : text::split(render_markdown(hostile_result(text)), '\n')) {
      if (!line.starts_with("|")) continue;
      int bars = 0;
      for (size_t i = 0; i < line.size(); ++i) bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1 : 0;
      EXPECT_EQ(bars, 6) << line;
    }
  }
}

// Brackets balance, no attribute ends early, and only XML's own five entities stand there.
TEST(HostileOutput, JunitStaysXml) {
  for (const auto& text : kHostileTexts) {
    const std::string xml = render_junit(hostile_result(text));
    bool in_tag = false;
    bool in_value = false;
    for (size_t i = 0; i < xml.size(); ++i) {
      const char c = xml[i];
      if (c == '&') {
        const std::string entity = xml.substr(i, xml.find(';', i) - i + 1);
        EXPECT_TRUE(entity == "&amp;" || entity == "&lt;" || entity == "&gt;" || entity == "&quot;") << entity;
      }
      if (in_value) {
        EXPECT_NE(c, '<') << xml.substr(i > 40 ? i - 40 : 0, 80);
        in_value = c != '"';
      } else if (in_tag) {
        EXPECT_NE(c, '<') << xml.substr(i > 40 ? i - 40 : 0, 80);
        in_value = c == '"';
        in_tag = c != '>';
      } else {
        EXPECT_NE(c, '>') << xml.substr(i > 40 ? i - 40 : 0, 80);
        in_tag = c == '<';
      }
    }
    EXPECT_FALSE(in_tag || in_value);
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
    return sql::identifier(dataset);
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
    plan_documents({document}, variables, data, false, plan, findings.errors);
  }
  EXPECT_GT(findings.errors.size(), 1000U);
}

}  // namespace
}  // namespace metl::quality::test

// Formats as DuckDB's regular expressions understand them.
#include "quality/model/formats.h"

#include "fixture.h"

namespace metl::quality::test {
namespace {

struct Sample {
  std::string format;
  std::vector<std::string> valid;
  std::vector<std::string> invalid;
};

const std::vector<Sample> kSamples = {
    {"integer", {"5", "-5", "+ 5", " 007 "}, {"", "5.0", "x", "5x", "--5"}},
    {"positive integer", {"5", "+5"}, {"-5"}},
    {"negative integer", {"-5", "- 5", "0"}, {"5"}},
    {"decimal", {"5", "5.5", "5,5", ".5", "-1.25"}, {"5.", "1.000,5"}},
    {"decimal point", {"5.5", "5"}, {"5,5"}},
    {"decimal comma", {"5,5", "5"}, {"5.5"}},
    {"negative decimal", {"-5.5", "0.0"}, {"5.5"}},
    {"percentage", {"5%", "5.5 %", "-1%"}, {"5", "%"}},
    {"positive percentage comma", {"5,5%"}, {"-5,5%", "5.5%"}},
    {"money", {"5 EUR", "5.50usd"}, {"5", "5 Eur", "EUR 5"}},
    {"money point", {"1,000.50 USD"}, {"1.000,50 USD", "1000x50 USD"}},
    {"money comma", {"1.000,50 EUR"}, {"1,000.50 EUR"}},
    {"date us", {"12/31/2021", "1-2-21"}, {"31/12/2021", "2021-12-31"}},
    {"date eu", {"31/12/2021", "31.12.21"}, {"12/31/2021"}},
    {"date inverse", {"2021-12-31", "21/1/2"}, {"31-12-2021"}},
    {"date iso 8601",
     {"2021-12-31", "20211231", "2021-12-31T23:59:59Z", "2021-W05-1", "2021-12-31 10:00:00.5+02:00"},
     {"2021-13-01", "21-12-31", "2021-12-31T25:00"}},
    {"time 24h", {"23:59", "23:59:59.9"}, {"24:00", "1"}},
    {"time 24h nosec", {"23:59"}, {"23:59:59"}},
    {"time 12h", {"12:59", "1:05:09"}, {"13:00"}},
    {"time 12h nosec", {"12:59"}, {"12:59:00"}},
    {"timestamp 24h", {"23:59:59"}, {"23:59"}},
    {"timestamp 12h", {"11:59:59"}, {"13:59:59"}},
    {"uuid",
     {"123e4567-e89b-12d3-a456-426614174000"},
     {"123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g"}},
    {"ip address", {"1.2.3.4", "999.0.0.1"}, {"1.2.3", "1.2.3.4.5", "a.b.c.d"}},
    {"ipv4 address", {"1.2.3.4"}, {"1.2.3"}},
    {"ipv6 address",
     {"::", "::1", "1::", "2001:db8::8a2e:370:7334", "1:2:3:4:5:6:7:8", "fe80::1%eth0", "::ffff:1.2.3.4",
      "64:ff9b::192.0.2.33"},
     {"1:2:3:4:5:6:7", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "::ffff:300.2.3.4"}},
    {"email", {"a.b+c@d-e.org", "jos\xC3\xA9@x.fr"}, {"a@b", "a b@c.de", "@b.de"}},
    {"phone number", {"555-1234", "(555) 555-1234", "+1 555 555-1234"}, {"5551234", "555-12345"}},
    {"credit card number",
     {"12345678901234", "1234-5678-9012-3456", "1234 5678 9012 3456"},
     {"1234567890123", "x123456789012345x"}},
};

TEST(Formats, EveryFormatTellsValidFromInvalid) {
  Database db;
  const sql::Dialect dialect = sql::duckdb_dialect();
  for (const auto& sample : kSamples) {
    const Format* format = find_format(sample.format);
    ASSERT_NE(format, nullptr) << sample.format;
    const auto matches = [&](const std::string& text) {
      const Rows rows = db.query("SELECT " + dialect.matches(dialect.literal(text), format->regex, dialect));
      return std::get<bool>(rows.rows[0][0]);
    };
    for (const auto& text : sample.valid) EXPECT_TRUE(matches(text)) << sample.format << ": " << text;
    for (const auto& text : sample.invalid) EXPECT_FALSE(matches(text)) << sample.format << ": " << text;
  }
}

TEST(Formats, EveryFormatIsRegularForDuckdb) {
  Database db;
  for (const auto& name : format_names()) {
    const sql::Dialect dialect = sql::duckdb_dialect();
    EXPECT_NO_THROW(db.query("SELECT " + dialect.matches("'x'", find_format(name)->regex, dialect))) << name;
  }
  EXPECT_EQ(format_names().size(), 41U);
  EXPECT_EQ(find_format("nonsense"), nullptr);
}

// DuckDB's quick function for patterns that span the whole text finds what the plain search finds.
TEST(Formats, AnchoredPatternsMatchAsASearchDoes) {
  Database db;
  const sql::Dialect dialect = sql::duckdb_dialect();
  const std::vector<std::string> patterns{R"(^[A-Z]{2}$)", R"(^a|b$)",   R"(^(a|b)$)", R"(^a\$)",    R"(^a\\$)",
                                          R"(^\Qab$)",     R"((?m)^a$)", R"(^(?m)a$)", R"(^a\n*$)",  R"(^.$)",
                                          R"(^$)",         R"(^)",       R"(^a[b]$$)", R"(^a[]$]$)", R"(^a*?$)",
                                          R"(^[^a]$)",     R"(^a$\n)",   R"(^^ab?$$)"};
  const std::vector<std::string> texts{"",   "a",  "b",    "ab",   "AB",  "ABC", "xAB",  "a$",  "a\\",    "ab$",
                                       "a]", "$b", "a\nb", "b\na", "a\n", "\n",  "aa\n", "xab", "x\na\ny"};
  size_t quick = 0;
  for (const auto& pattern : patterns) {
    const std::string literal = dialect.literal(pattern);
    for (const auto& text : texts) {
      const std::string subject = dialect.literal(text);
      const std::string matches = dialect.matches(subject, pattern, dialect);
      if (matches.starts_with("REGEXP_FULL_MATCH")) ++quick;
      const Rows rows = db.query("SELECT " + matches + " = REGEXP_MATCHES(" + subject + ", " + literal + ")");
      EXPECT_TRUE(std::get<bool>(rows.rows[0][0])) << pattern << " in '" << text << "'";
    }
  }
  EXPECT_EQ(quick, 8 * texts.size());
}

class Validities : public ScanTest {};

// Only NULL is missing by default; a text of a numeric format can be bounded and averaged as a number.
TEST_F(Validities, MissingValidAndInvalidAddUp) {
  db_.query("create table t as select * from (values ('1,5'), ('20'), ('x'), (''), ('-'), (null)) t(v)");
  const ScanResult result = scan_text(R"(
checks for t:
  - missing_count(v) = 1
  - missing_count(v) = 3:
      missing values: ['', '-']
  - missing_count(v) = 3:
      missing regex: '^-?$'
  - missing_count(v) = 2:
      missing format: integer
  - valid_count(v) = 2:
      valid format: decimal
  - invalid_count(v) = 1:
      valid format: decimal
      missing values: ['', '-']
  - invalid_count(v) = 2:
      valid format: decimal
      missing values: ['', '-']
      include null: true
  - invalid_count(v) = 2:
      valid min length: 1
      valid max length: 2
  - invalid_percent(v) = 16.67:
      invalid values: [x]
  - invalid_count(v) = 3:
      invalid regex: '^.?$'
  - invalid_count(v) = 1:
      valid format: decimal
      valid max: 10
      filter: v <> 'x' and v <> '' and v <> '-'
  - avg(v) = 10.75:
      valid format: decimal
  - invalid_count(v) = 4:
      valid format: decimal
      valid min: 10
  - max_length(v) = 3
)");
  EXPECT_EQ(errors_of(result), "");
  for (const auto& check : result.checks) {
    EXPECT_EQ(check.outcome, Outcome::kPass)
        << to_text(check.location) << " " << check.name << " is " << to_text(check.value);
  }
}

// No row is lost between valid, invalid and missing.
TEST_F(Validities, EveryRowIsOneOfThree) {
  db_.query(
      "create table n as select case when i % 7 = 0 then null when i % 11 = 0 then 'nan'::double else i end as v "
      "from range(200) r(i)");
  const ScanResult result = scan_text(R"(
configurations for n:
  valid min for v: 10
  valid max for v: 150
  missing values for v: [20, 30]
  invalid values for v: [50]
checks for n:
  - missing_count(v) >= 0
  - invalid_count(v) >= 0
  - valid_count(v) >= 0
)");
  EXPECT_EQ(errors_of(result), "");
  int64_t sum = 0;
  for (const auto& check : result.checks) sum += std::get<int64_t>(check.value);
  EXPECT_EQ(sum, 200);
}

}  // namespace
}  // namespace metl::quality::test

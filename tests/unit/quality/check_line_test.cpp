#include "quality/syntax/check_line.h"

#include <gtest/gtest.h>

namespace metl::quality {
namespace {

std::string error_of(std::string_view line) {
  try {
    parse_check_line(line);
  } catch (const LineError& e) {
    return std::to_string(e.offset) + ": " + e.message;
  }
  return "";
}

MetricLine metric(std::string_view line) { return std::get<MetricLine>(parse_check_line(line)); }

TEST(CheckLine, ReadsMetricArgumentsAndThreshold) {
  const MetricLine line = metric("duplicate_count(movie_id, \"user id\", `x`, [y z]) <= 4.5%");
  EXPECT_EQ(line.metric.name, "duplicate_count");
  ASSERT_EQ(line.metric.arguments.size(), 4U);
  EXPECT_EQ(line.metric.arguments[0].text, "movie_id");
  EXPECT_EQ(line.metric.arguments[1].text, "user id");
  EXPECT_TRUE(line.metric.arguments[1].quoted);
  EXPECT_EQ(line.metric.arguments[2].text, "x");
  EXPECT_EQ(line.metric.arguments[3].text, "y z");
  ASSERT_TRUE(line.pass);
  EXPECT_EQ(line.pass->comparison, Condition::Comparison::kLessEqual);
  EXPECT_EQ(line.pass->low.number, 4.5);
}

TEST(CheckLine, ReadsEveryComparisonAndBracket) {
  for (const auto& [line, text] : std::vector<std::pair<std::string, std::string>>{
           {"row_count < .5", "< .5"},
           {"row_count >= +4", ">= +4"},
           {"row_count <> 5", "!= 5"},
           {"row_count != -3", "!= -3"},
           {"row_count between 4 and 5", "between 4 and 5"},
           {"row_count not between (4 and 5", "not between (4 and 5]"},
           {"row_count between [4 and 5)", "between [4 and 5)"},
           {"row_count>0", "> 0"},
           {"row_count!=4", "!= 4"},
           {"row_count   >   0", "> 0"},
           {"row_count > ${env_var('LIM', '3')}", "> ${env_var('LIM', '3')}"},
           {"freshness(ts) < 1d2h30m", "< 1d2h30m"},
       }) {
    ASSERT_TRUE(metric(line).pass) << line;
    EXPECT_EQ(to_text(*metric(line).pass), text) << line;
  }
  EXPECT_EQ(metric("freshness(ts) < 1d2h30m").pass->low.number, 86400 + 2 * 3600 + 30 * 60);
  EXPECT_EQ(metric("row_count > ${X}").pass->low.kind, Operand::Kind::kText);
}

TEST(CheckLine, TakesWordsThatSodaReserves) {
  EXPECT_EQ(metric("missing_count(d) = 0").metric.arguments[0].text, "d");
  EXPECT_EQ(metric("max(change) > 0").metric.arguments[0].text, "change");
  EXPECT_EQ(metric("change > 0").metric.name, "change");
  EXPECT_EQ(metric("change avg last 7 for row_count < 50").history, AgainstHistory::kChange);
  EXPECT_EQ(metric("anomaly score for row_count < default").history, AgainstHistory::kAnomaly);
}

TEST(CheckLine, ReadsTheOtherKindsOfChecks) {
  EXPECT_EQ(std::get<BlockLine>(parse_check_line("schema")), BlockLine::kSchema);
  EXPECT_EQ(std::get<BlockLine>(parse_check_line("failed rows")), BlockLine::kFailedRows);
  const auto reference = std::get<ReferenceLine>(parse_check_line("values in (a, b) must not exist in T (x, y)"));
  EXPECT_FALSE(reference.must_exist);
  EXPECT_EQ(reference.dataset.text, "T");
  EXPECT_EQ(reference.target_columns[1].text, "y");
  const auto same = std::get<SameRowCountLine>(parse_check_line("row_count same as T [daily] in other"));
  EXPECT_EQ(same.partition, "daily");
  EXPECT_EQ(same.data_source, "other");
}

TEST(CheckLine, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of("row_count >"), "11: it ends where a number is expected");
  EXPECT_EQ(error_of("row_count > 0 0"), "14: '0' is one too many");
  EXPECT_EQ(error_of("row_count = = 0"), "12: '=' stands where a number is expected");
  EXPECT_EQ(error_of("row_count between 1 5"), "20: '5' stands where 'and' is expected");
  EXPECT_EQ(error_of("missing_count(a = 0"), "16: '=' stands where ',' or ')' is expected");
  EXPECT_EQ(error_of("missing_count(\"a) = 0"), "14: the quote \" is not closed");
  EXPECT_EQ(error_of("row_count > ${X"), "12: '${' is not closed by '}'");
  EXPECT_EQ(error_of("values in (a, b) must exist in T (x)"), "0: 2 columns are compared with 1");
  EXPECT_EQ(error_of(""), "0: it ends where a metric is expected");
  EXPECT_NE(error_of(std::string(70'000, 'a')), "");
}

TEST(CheckLine, NumbersAreFiniteAndWhole) {
  EXPECT_EQ(parse_number("1e3"), 1000);
  for (const auto* text : {"inf", "nan", "1e999", "0x10", "1 ", "", "+-1", "--1", "1.2.3"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(Header, ReadsDatasetAndFilter) {
  const Header header = parse_header("checks for ${table} [daily]");
  EXPECT_EQ(header.kind, Header::Kind::kChecks);
  EXPECT_EQ(header.name.text, "${table}");
  EXPECT_EQ(header.partition, "daily");
  EXPECT_EQ(parse_header("checks").kind, Header::Kind::kDataSourceChecks);
  EXPECT_EQ(parse_header("for each dataset T").kind, Header::Kind::kForEachDataset);
  EXPECT_THROW(parse_header("weird header"), LineError);
  EXPECT_THROW(parse_header("filter ratings"), LineError);
  EXPECT_EQ(parse_header("checks for a b").partition, "b");
}

}  // namespace
}  // namespace metl::quality

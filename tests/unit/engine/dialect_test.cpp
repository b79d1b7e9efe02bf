// Functions that mean on DuckDB what Spark means by them: Spark's number of arguments in Spark's sense, every other
// signature of DuckDB's in DuckDB's.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.h"
#include "base/text.h"
#include "engine/duckdb/duckdb_engine.h"

namespace metl::engine {
namespace {

class Dialect : public ::testing::Test {
 protected:
  // The only value of a SELECT; "" for SQL that fails, whose message is then in `failure_`.
  std::string value(const std::string& expression, DuckdbEngine& engine) {
    try {
      return to_text(engine.query("SELECT CAST(" + expression + " AS VARCHAR)").rows.at(0).at(0));
    } catch (const Error& e) {
      failure_ = e.message();
      return "";
    }
  }
  std::string value(const std::string& expression) { return value(expression, spark_sql_); }

  DuckdbEngine spark_sql_{{}};
  DuckdbEngine own_sql_{{.confinement = Confinement{.own_sql = true}}};
  std::string failure_;
};

// A value of each type that a signature can name.
const std::map<std::string, std::string> kSamples{
    {"VARCHAR", "'ab'"},
    {"ANY", "'ab'"},
    {"ANY[]", "[2, NULL, 1]"},
    {"DATE", "DATE '2024-01-07'"},
    {"TIME", "TIME '10:00:00'"},
    {"TIMESTAMP", "TIMESTAMP '2024-01-07 10:00:00'"},
    {"TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ '2024-01-07 10:00:00+00'"},
    {"FLOAT", "1.5::FLOAT"},
    {"DOUBLE", "1.5::DOUBLE"},
};
// An argument that only some texts can be, by function and position.
const std::map<std::pair<std::string, size_t>, std::string> kArguments{{{"array_sort", 1}, "'DESC'"},
                                                                       {{"array_sort", 2}, "'NULLS LAST'"},
                                                                       {{"datediff", 0}, "'hour'"},
                                                                       {{"regexp_replace", 3}, "'gi'"}};

TEST_F(Dialect, EverySignatureOfAReplacedFunctionStillWorks) {
  auto& spark = spark_sql_.client();
  const Rows replaced = spark.rows(
      "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'macro' AND NOT internal"
      " UNION VALUES ('upper'), ('ucase'), ('lower'), ('lcase') ORDER BY 1");
  size_t signatures = 0;
  for (const auto& row : replaced.rows) {
    const auto& name = std::get<std::string>(row[0]);
    const Rows known = own_sql_.query(
        fmt::format("SELECT array_to_string(parameter_types, '|') FROM duckdb_functions() WHERE function_name = '{}'"
                    " AND function_type = 'scalar'",
                    name));
    for (const auto& signature : known.rows) {
      std::vector<std::string> arguments;
      for (const auto& type : text::split(to_text(signature[0]), '|')) {
        const auto own = kArguments.find({name, arguments.size()});
        const auto sample = kSamples.find(type);
        if (own == kArguments.end() && sample == kSamples.end()) continue;  // INTERVAL, which DuckDB itself refuses
        arguments.push_back(own != kArguments.end() ? own->second : sample->second);
      }
      const std::string call = fmt::format("{}({})", name, fmt::join(arguments, ", "));
      if (value(call, own_sql_).empty()) continue;
      ++signatures;
      EXPECT_NE(value(call), "") << call << ": " << failure_;
      // Only of Spark's own number of arguments the sense may differ.
      if (arguments.size() > 2) {
        EXPECT_EQ(value(call), value(call, own_sql_)) << call;
      }
    }
  }
  EXPECT_GE(signatures, 22U);
}

TEST_F(Dialect, TheNumberOfArgumentsDecidesWhoseMeaningItIs) {
  const std::vector<std::pair<std::string, std::string>> expected{
      {"regexp_replace('aXbX', 'X', '')", "ab"},
      {"regexp_replace('aXbX', 'X', '', '')", "abX"},
      {"regexp_replace('aXbX', 'x', '-', 'gi')", "a-b-"},
      {"regexp_replace('aXbX', 'x', '-', 'ic')", "aXbX"},
      {"regexp_replace('aXbX', 'x', '-', 'ci')", "a-bX"},
      {"regexp_replace('a.b.', '.', '-', 'gl')", "a-b-"},
      {"regexp_replace(E'a\\nb', 'a.b', '-', 's')", "-"},
      {"regexp_replace(E'a\\nb', 'a.b', '-', 'sm')", "a\nb"},
      {"regexp_replace('aXbX', 'X', '', ' g')", "ab"},
      {"regexp_replace('aXbX', 'X', '', NULL)", "NULL"},
      {"datediff(DATE '2024-01-03', DATE '2024-01-01')", "2"},
      {"datediff('hour', TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-02')", "24"},
      {"datediff('minute', TIME '01:00:00', TIME '02:30:00')", "90"},
      {"array_sort([2, NULL, 1])", "[1, 2, NULL]"},
      {"array_sort([2, NULL, 1], 'asc')", "[NULL, 1, 2]"},  // NULLs where ORDER BY has them, as in Spark
      {"array_sort([2, NULL, 1], 'descending')", "[2, 1, NULL]"},
      {"array_sort([2, NULL, 1], 'DESC', 'nulls_first')", "[NULL, 2, 1]"},
      {"array_sort([2, NULL, 1], NULL)", "NULL"},
      {"concat('a', NULL)", "NULL"},
      {"concat(1)", "1"},
      {"concat([1], [2])", "[1, 2]"},
      {"concat(1, 'a', DATE '2024-01-01')", "1a2024-01-01"},
      {"isnan(NULL)", "false"},
      {"upper('a'::ENUM('a', 'b'))", "A"},
  };
  for (const auto& [expression, wanted] : expected) EXPECT_EQ(value(expression), wanted) << expression << failure_;
}

TEST_F(Dialect, RefusesWhatDuckdbRefuses) {
  EXPECT_EQ(value("regexp_replace('a', 'a', 'b', 'x')"), "");
  EXPECT_NE(failure_.find("Unrecognized Regex option x"), failure_.npos) << failure_;
  EXPECT_EQ(value("array_sort([1], 'up')"), "");
  EXPECT_NE(failure_.find("ASC or DESC"), failure_.npos) << failure_;
}

TEST_F(Dialect, OwnSqlIsDuckdbs) {
  EXPECT_EQ(value("concat('a', NULL)", own_sql_), "a");
  EXPECT_EQ(value("regexp_replace('aXbX', 'X', '')", own_sql_), "abX");
  EXPECT_EQ(value("(SELECT x FROM (VALUES (1), (NULL)) t(x) ORDER BY x LIMIT 1)", own_sql_), "1");
  EXPECT_EQ(value("(SELECT x FROM (VALUES (1), (NULL)) t(x) ORDER BY x LIMIT 1)"), "NULL");
}

}  // namespace
}  // namespace metl::engine

#include "quality/plan/variables.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace metl::quality {
namespace {

const std::chrono::system_clock::time_point kNow = std::chrono::sys_days(std::chrono::year(2024) / 1 / 2);

std::string problem_of(const Variables& variables, const std::string& text) {
  try {
    variables.fill(text, {"f", 1, 2});
  } catch (const Problem& p) {
    return p.message;
  }
  return "";
}

TEST(Variables, AreFilledInOnce) {
  Variables variables({{"a", "${b}"}, {"b", "x"}}, kNow, false);
  EXPECT_EQ(variables.fill("<${a}> <${ b }> $ {b}", {}), "<${b}> <x> $ {b}");
  variables.declare("c", {"(${b})", {}});
  EXPECT_EQ(variables.fill("${c}", {}), "(x)");
  EXPECT_EQ(variables.fill("${NOW}", {}).substr(0, 19), "2024-01-02T00:00:00");
}

// An exported variable of the shell must not move a gate to another day.
TEST(Variables, GivenIsStrongerThanTheEnvironmentExceptInCompat) {
  ::setenv("METL_TEST_DAY", "env", 1);
  const std::map<std::string, std::string> given{{"METL_TEST_DAY", "given"}};
  Variables strict(given, kNow, false);
  Variables compat(given, kNow, true);
  Variables file({}, kNow, false);
  file.declare("METL_TEST_DAY", {"file", {}});
  EXPECT_EQ(strict.fill("${METL_TEST_DAY}", {}), "given");
  EXPECT_EQ(compat.fill("${METL_TEST_DAY}", {}), "env");
  EXPECT_EQ(file.fill("${METL_TEST_DAY}", {}), "env");
  ::unsetenv("METL_TEST_DAY");
  EXPECT_EQ(file.fill("${METL_TEST_DAY}", {}), "file");
}

TEST(Variables, DefaultsOfEnvironmentVariables) {
  Variables variables({}, kNow, false);
  EXPECT_EQ(variables.fill("${env_var('METL_NONE', 'a b')}", {}), "a b");
  EXPECT_EQ(problem_of(variables, "${env_var('METL_NONE')}").substr(0, 34), "variable 'METL_NONE' is not define");
  EXPECT_EQ(problem_of(variables, "${env_var(METL_NONE)}"),
            "${env_var(METL_NONE)} is not of the form ${env_var('NAME', 'default')}");
}

TEST(Variables, UndefinedIsAProblemExceptInCompat) {
  EXPECT_EQ(
      problem_of(Variables({{"run_date", ""}}, kNow, false), "${run_dat}"),
      "variable 'run_dat' is not defined. Did you mean 'run_date'? Give it with -v run_dat=VALUE or declare it under "
      "'variables:'.");
  EXPECT_EQ(Variables({}, kNow, true).fill("<${nope}>", {}), "<>");
  EXPECT_EQ(problem_of(Variables({}, kNow, false), "${a"), "'${' is not closed by '}'");
  EXPECT_EQ(problem_of(Variables({}, kNow, false), "${a + 1}"),
            "not supported: 'a + 1' in ${...}; a variable's name or env_var('NAME', 'default') can stand there");
}

}  // namespace
}  // namespace metl::quality

// The cases that were run through Soda Core 3.5.6: in compat mode outcome, value and name of every check are the same,
// except where kReviewed says why not.
#include <nlohmann/json.hpp>

#include "fixture.h"

namespace metl::quality::test {
namespace {

namespace fs = std::filesystem;

// Case and line of a check (0: the exit code, -1: every check), and why it differs.
struct Difference {
  std::string_view test_case;
  int line;
  std::string_view reason;
};
const std::vector<Difference> kReviewed = {
    {"03_metrics", -1, "the original stops at the first bad column; here the other checks are evaluated"},
    {"04_empty", 8, "a column may be named 'd'"},
    {"04_empty", 0, "without that error the failing freshness decides"},
    {"05_valid_missing", 18,
     "the original takes the value of line 10: its metrics are told apart without 'invalid values'"},
    {"07_ref_cross", 4, "the original takes the value of line 2: it forgets 'not' when it compares metrics"},
    {"08_freshness", 5, "a column may be named 'd'"},
    {"13_errors", -1, "the original gives up the file at line 8; here only that check is lost"},
    {"14_vars", -1, "the original gives up the file as the variable 'th' is a number"},
    {"32_vars", -1, "the original wants two letters in [p]"},
    {"34_same_level", -1, "the original gives up the file at line 3; here only that check is lost"},
    {"36_bad_column", -1, "the original loses every check of a scan with a bad column"},
    {"37_bad_table", -1, "the original loses every check of a scan with an unknown table"},
    {"16_profile", 0, "profiles are not supported yet"},
    {"19_quotes", 7, "a dataset's name is found in any case, also for its schema"},
    {"19_quotes", 0, "nothing is wrong then"},
    {"61_configurations", 7, "the original takes the value of line 6: ['', 'N/A'] and ['N/A'] are one metric to it"},
    {"55_reserved", 2, "a column may be named 'd'"},
    {"55_reserved", 0, "nothing is wrong then"},
};

// The project's own cases, those handed over with the project, and one more folder that METL_SODA_CASES may name.
std::vector<fs::path> case_folders() {
  std::vector<fs::path> out{fs::path(METL_SOURCE_DIR) / "tests/unit/quality/cases",
                            fs::path(METL_SOURCE_DIR).parent_path() / "shared/soda/cases"};
  if (const char* other = std::getenv("METL_SODA_CASES")) out.emplace_back(other);
  return out;
}

std::string word_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "pass";
    case Outcome::kWarn:
      return "warn";
    case Outcome::kFail:
      return "fail";
    case Outcome::kNotEvaluated:
      break;
  }
  return "";
}

double number_of(const Value& value) {
  if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&value)) return *d;
  return -1;
}

class SodaCase : public ScanTest, public ::testing::WithParamInterface<std::string> {};

TEST_P(SodaCase, SameOutcomes) {
  const fs::path file = GetParam();
  if (file.extension() != ".yml")
    GTEST_SKIP() << "THESE CASES OF SODA CORE WERE NOT TESTED: there is no folder " << file;
  const std::string test_case = file.stem().string();
  const auto expected = nlohmann::json::parse(std::ifstream(fs::path(file).replace_extension(".expected.json")));
  variables_ = {
      {"TBL", "movie_ratings_curated"}, {"run_date", "2021-01-01"},         {"LIM", "1"}, {"HI", "9"}, {"COL", "ts"},
      {"N1", "2024-01-01T12:00:00"},    {"N2", "2024-01-03 00:00:00+02:00"}};
  compat_ = true;
  now_ = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) +
         std::chrono::microseconds(55'250'951'213);  // as the original ran
  const ScanResult result = scan({{file.string()}, variables_, now_, compat_}, data_);

  std::map<std::pair<int, std::string>, const CheckResult*> ours;
  for (const auto& check : result.checks) ours[{check.location.line, check.dataset}] = &check;
  for (const auto& check : expected.value("checks", nlohmann::json::array())) {
    const int line = check["line"];
    const std::string table = check["table"].is_null() ? "" : check["table"];
    const std::string context = test_case + ".yml:" + std::to_string(line);
    std::string difference;
    const auto found = ours.find({line, table});
    if (found == ours.end()) {
      difference = "not among the results";
    } else {
      const CheckResult& own = *found->second;
      const std::string outcome = check["outcome"].is_null() ? "" : check["outcome"];
      if (word_of(own.outcome) != outcome)
        difference = "outcome '" + word_of(own.outcome) + "' instead of '" + outcome + "'";
      if (own.name != check["name"]) difference += " name '" + own.name + "' instead of " + check["name"].dump();
      const bool same_value = check["value"].is_null()
                                  ? is_null(own.value)
                                  : std::abs(number_of(own.value) - check["value"].get<double>()) < 1e-9;
      if (!same_value) difference += " value " + to_text(own.value) + " instead of " + check["value"].dump();
      ours.erase(found);
    }
    const auto reviewed = std::find_if(kReviewed.begin(), kReviewed.end(), [&](const auto& r) {
      return r.test_case == test_case && (r.line == line || r.line == -1);
    });
    if (reviewed == kReviewed.end())
      EXPECT_EQ(difference, "") << context << "\n" << errors_of(result);
    else
      EXPECT_NE(difference, "") << context << " agrees: strike it from kReviewed";
  }
  for (const auto& [key, check] : ours) {
    if (check->outcome == Outcome::kNotEvaluated) continue;
    const auto reviewed = std::find_if(kReviewed.begin(), kReviewed.end(), [&](const auto& r) {
      return r.test_case == test_case && (r.line == key.first || r.line == -1);
    });
    EXPECT_TRUE(reviewed != kReviewed.end())
        << test_case << ".yml:" << key.first << " is evaluated, but not by the original";
  }
  const auto exit_reviewed = std::find_if(kReviewed.begin(), kReviewed.end(),
                                          [&](const auto& r) { return r.test_case == test_case && r.line == 0; });
  if (exit_reviewed == kReviewed.end())
    EXPECT_EQ(result.soda_exit_code(), expected["exit_code"].get<int>()) << errors_of(result);
  else
    EXPECT_NE(result.soda_exit_code(), expected["exit_code"].get<int>()) << "agrees: strike it from kReviewed";
}

std::vector<std::string> cases() {
  std::vector<std::string> out;
  for (const auto& folder : case_folders()) {
    std::error_code absent;
    const fs::directory_iterator entries(folder, absent);
    if (absent) out.push_back(folder.string());
    for (const auto& entry : entries) {
      if (entry.path().extension() == ".yml") out.push_back(entry.path().string());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = "case_" + fs::path(info.param).stem().string() + "_" + std::to_string(info.index);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Soda, SodaCase, ::testing::ValuesIn(cases()), test_name);

}  // namespace
}  // namespace metl::quality::test

// The cases that were run through Soda Core 3.5.6: in compat mode outcome, value and name of every check are the same,
// except where kReviewed says why not.
#include <nlohmann/json.hpp>

#include "fixture.h"
#include "quality/report/soda.h"

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
    {"81_own", 37, "of a group by, the original saves the results of its groups only"},
    {"36_bad_column", -1, "the original loses every check of a scan with a bad column"},
    {"37_bad_table", -1, "the original loses every check of a scan with an unknown table"},
    {"19_quotes", 7, "a dataset's name is found in any case, also for its schema"},
    {"19_quotes", 0, "nothing is wrong then"},
    {"64_console", 52, "the group by itself is not a check in the original's results file, only its groups are"},
    {"61_configurations", 7, "the original takes the value of line 6: ['', 'N/A'] and ['N/A'] are one metric to it"},
    {"55_reserved", 2, "a column may be named 'd'"},
    {"55_reserved", 0, "nothing is wrong then"},
};

// Cases whose console differs, and why.
const std::vector<std::pair<std::string_view, std::string_view>> kReviewedSummary = {
    {"03_metrics", "the original stops at the first bad column, without a summary"},
    {"04_empty", "a column may be named 'd': one check more, one error less"},
    {"05_valid_missing", "another value, see kReviewed"},
    {"07_ref_cross", "another value, see kReviewed"},
    {"08_freshness", "a column may be named 'd': one check more, one error less"},
    {"09_schema", "a check that could not be read is listed as not evaluated; the original drops it"},
    {"12_history", "the original stops at a reference file that does not exist, without a summary"},
    {"13_errors", "the original gives up the file at line 8, and then stops at a bad column"},
    {"14_vars", "the original gives up the file as the variable 'th' is a number"},
    {"19_quotes", "a dataset's name is found in any case, also for its schema"},
    {"32_vars", "the original wants two letters in [p]"},
    {"33_undeclared_filter", "a check whose filter is not declared is listed as not evaluated; the original drops it"},
    {"34_same_level", "the original gives up the file; here only that check is lost"},
    {"36_bad_column", "the original stops at the bad column, without a summary"},
    {"37_bad_table", "the original stops at the unknown table, without a summary"},
    {"39_change", "one error says that there is no history, not two"},
    {"40_anomaly", "one error says that there is no history, not three"},
    {"51_missingvar", "nothing is measured for a check whose threshold is not a number"},
    {"55_reserved", "a column may be named 'd': one check more, one error less"},
    {"61_configurations", "another value, see kReviewed"},
    {"62_dataset_filter", "freshness of a text column is an error before anything is measured"},
    {"70_group_evolution", "the groups that break a rule are named; the original prints the data of a chart"},
    {"72_change_lines", "an anomaly score has no threshold; one error for each check says that there is no history"},
    {"71_automated", "one error for each check says that there is no history"},
    {"64_console", "'fail_column_on_expected_index(ts)' is glued to a line's end by the original; here it is left out"},
};

// The project's own cases, those handed over with the project, and one more folder that METL_SODA_CASES may name.
std::vector<fs::path> case_folders() {
  std::vector<fs::path> out{fs::path(METL_SOURCE_DIR) / "tests/unit/quality/cases",
                            fs::path(METL_SOURCE_DIR).parent_path() / "shared/soda/cases"};
  if (const char* other = std::getenv("METL_SODA_CASES")) out.emplace_back(other);
  return out;
}

// As the original writes it: nothing for what was not evaluated.
std::string word_of(Outcome outcome) { return outcome == Outcome::kNotEvaluated ? "" : std::string(to_text(outcome)); }

double number_of(const Value& value) {
  if (const auto* i = std::get_if<int64_t>(&value)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&value)) return *d;
  return -1;
}

class SodaCase : public ScanTest, public ::testing::WithParamInterface<std::string> {
 protected:
  ScanResult scan_case() {
    variables_ = {
        {"TBL", "movie_ratings_curated"}, {"run_date", "2021-01-01"},         {"LIM", "1"}, {"HI", "9"}, {"COL", "ts"},
        {"N1", "2024-01-01T12:00:00"},    {"N2", "2024-01-03 00:00:00+02:00"}};
    compat_ = true;
    now_ = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) +
           std::chrono::microseconds(55'250'951'213);  // as the original ran
    return scan({{file_.string()}, variables_, now_, compat_}, data_);
  }
  nlohmann::json expected() const {
    return nlohmann::json::parse(std::ifstream(fs::path(file_).replace_extension(".expected.json")));
  }
  bool is_absent() const { return file_.extension() != ".yml"; }

  const fs::path file_ = GetParam();
  const std::string test_case_ = file_.stem().string();
};

TEST_P(SodaCase, SameOutcomes) {
  if (is_absent()) GTEST_SKIP() << "THESE CASES OF SODA CORE WERE NOT TESTED: there is no folder " << file_;
  const auto expected = this->expected();
  const std::string& test_case = test_case_;
  const ScanResult result = scan_case();

  // The checks of a group by stand on one line, told apart by their names.
  std::multimap<std::pair<int, std::string>, const CheckResult*> ours;
  for (const auto& check : result.checks) ours.insert({{check.location.line, check.dataset}, &check});
  for (const auto& check : expected.value("checks", nlohmann::json::array())) {
    const int line = check["line"];
    const std::string table = check["table"].is_null() ? "" : check["table"];
    const std::string context = test_case + ".yml:" + std::to_string(line);
    std::string difference;
    auto found = ours.find({line, table});
    for (auto [one, end] = ours.equal_range({line, table}); one != end; ++one) {
      if (one->second->name == check["name"]) found = one;
    }
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
    const int64_t line = key.first;
    const auto reviewed = std::find_if(kReviewed.begin(), kReviewed.end(), [&](const auto& r) {
      return r.test_case == test_case && (r.line == line || r.line == -1);
    });
    EXPECT_TRUE(reviewed != kReviewed.end())
        << test_case << ".yml:" << line << " is evaluated, but not by the original";
  }
  const auto exit_reviewed = std::find_if(kReviewed.begin(), kReviewed.end(),
                                          [&](const auto& r) { return r.test_case == test_case && r.line == 0; });
  if (exit_reviewed == kReviewed.end())
    EXPECT_EQ(result.soda_exit_code(), expected["exit_code"].get<int>()) << errors_of(result);
  else
    EXPECT_NE(result.soda_exit_code(), expected["exit_code"].get<int>()) << "agrees: strike it from kReviewed";
}

// Two differences in any console: types go by Spark's names here, and 3.5.6 takes the plural of "failure" from the
// number of warnings (its head, and this, from that of failures).
std::string common(std::string line) {
  if (line.find("schema_measured") != std::string::npos || line.find("_type_mismatch[") != std::string::npos) {
    line = text::replace_all(text::replace_all(line, "integer", "int"), "varchar", "string");
  }
  for (const auto* word : {" failures.", " failure."}) {
    const size_t at = line.find(word);
    if (at == std::string::npos) continue;
    const bool one = at > 0 && line[at - 1] == '1' && (at == 1 || line[at - 2] == ' ');
    return line.replace(at, std::string_view(word).size(), one ? " failure." : " failures.");
  }
  return line;
}

// The console from "Scan summary:" on, without the time in front of a line and without the text of errors (they say
// more here). Where samples go is left out: the original's line is about its cloud.
std::vector<std::string> summary_of(const std::vector<std::string>& console) {
  std::vector<std::string> out;
  auto line = std::find(console.begin(), console.end(), "Scan summary:");
  for (; line != console.end() && *line != "ERRORS:" && !line->empty(); ++line) {
    if (line->find("failed_rows_sample_ref") == std::string::npos) out.push_back(common(*line));
  }
  return out;
}

std::vector<std::string> lines_of(const std::string& console) {
  std::vector<std::string> out;
  for (std::string line : text::split(console, '\n')) {
    const bool timed = line.size() > 10 && line[0] == '[' && line[9] == ']';
    out.push_back(timed ? line.substr(11) : line);
  }
  return out;
}

std::string only_in(const std::vector<std::string>& lines, std::vector<std::string> others, const std::string& mark) {
  std::string out;
  for (const auto& line : lines) {
    const auto other = std::find(others.begin(), others.end(), line);
    if (other == others.end())
      out += mark + line + "\n";
    else
      others.erase(other);
  }
  return out;
}

TEST_P(SodaCase, SameSummary) {
  if (is_absent()) GTEST_SKIP() << "THESE CASES OF SODA CORE WERE NOT TESTED: there is no folder " << file_;
  const auto theirs = summary_of(expected()["console"].get<std::vector<std::string>>());
  const std::string console = render_soda(scan_case(), {"", "db", "Soda Core 3.5.6", {}, {}, {}}, false);
  const auto ours = summary_of(lines_of(console));
  std::string difference = only_in(theirs, ours, "- ") + only_in(ours, theirs, "+ ");
  if (difference.empty() && ours != theirs) difference = "the same lines in another order";
  const auto reviewed = std::find_if(kReviewedSummary.begin(), kReviewedSummary.end(),
                                     [&](const auto& r) { return r.first == test_case_; });
  if (reviewed == kReviewedSummary.end())
    EXPECT_EQ(difference, "") << console;
  else
    EXPECT_NE(difference, "") << "agrees: strike it from kReviewedSummary";
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

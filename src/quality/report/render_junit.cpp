// JUnit XML, as Jenkins, GitLab and others read it.
#include <fmt/format.h>

#include <algorithm>

#include "quality/report/finding.h"
#include "quality/report/render.h"
#include "quality/report/xml.h"

namespace metl::quality {
namespace {

bool same_place(const Location& a, const Location& b) {
  return a.file == b.file && a.line == b.line && a.column == b.column;
}

struct Suite {
  std::string title;
  std::string cases;
  int tests = 0, failures = 0, errors = 0;
};

std::string opening(const std::string& name, const std::string& suite, const Location& at) {
  return fmt::format("    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\">", xml_text(name),
                     xml_text(suite), xml_text(at.file), at.line);
}

void add_check(const CheckResult& check, const ScanResult& result, Suite& suite) {
  ++suite.tests;
  suite.cases += opening(check.name, suite.title, check.location);
  const std::string place = xml_text(to_text(check.location));
  if (check.outcome == Outcome::kFail) {
    ++suite.failures;
    suite.cases += fmt::format("<failure message=\"{}\">{}</failure>", xml_text(finding_of(check)), place);
  } else if (check.outcome == Outcome::kWarn) {
    suite.cases += fmt::format("<system-out>warned: {} ({})</system-out>", xml_text(finding_of(check)), place);
  } else if (check.outcome == Outcome::kNotEvaluated) {
    ++suite.errors;
    std::string why;
    for (const auto& error : result.errors) {
      if (same_place(error.location, check.location)) why += (why.empty() ? ": " : "; ") + error.message;
    }
    suite.cases += fmt::format("<error message=\"not evaluated{}\">{}</error>", xml_text(why), place);
  }
  suite.cases += "</testcase>\n";
}

void add_error(const ScanError& error, Suite& suite) {
  ++suite.tests;
  ++suite.errors;
  suite.cases += fmt::format("{}<error message=\"{}\">{}</error></testcase>\n",
                             opening(to_text(error.location), suite.title, error.location), xml_text(error.message),
                             xml_text(to_text(error.location)));
}

}  // namespace

std::string render_junit(const ScanResult& result) {
  std::vector<Suite> suites;
  const auto suite_of = [&suites](const std::string& title) -> Suite& {
    const auto known = std::find_if(suites.begin(), suites.end(), [&](const auto& s) { return s.title == title; });
    return known != suites.end() ? *known : suites.emplace_back(Suite{title, "", 0, 0, 0});
  };
  for (const auto& check : result.checks) add_check(check, result, suite_of(title_of(check)));
  Suite errors{"errors", "", 0, 0, 0};
  for (const auto& error : result.errors) {
    const bool told = std::any_of(result.checks.begin(), result.checks.end(), [&](const auto& check) {
      return check.outcome == Outcome::kNotEvaluated && same_place(check.location, error.location);
    });
    if (!told) add_error(error, errors);
  }
  if (errors.tests > 0) suites.push_back(std::move(errors));
  std::string body;
  Suite all;
  for (const auto& suite : suites) {
    body += fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\">\n{}  </testsuite>\n",
        xml_text(suite.title), suite.tests, suite.failures, suite.errors, suite.cases);
    all.tests += suite.tests;
    all.failures += suite.failures;
    all.errors += suite.errors;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"checks\" tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\">\n{}</testsuites>\n",
      all.tests, all.failures, all.errors, body);
}

}  // namespace metl::quality

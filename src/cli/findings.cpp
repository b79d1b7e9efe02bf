#include "cli/findings.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/unicode.h"
#include "cli/output.h"

namespace metl::cli {
namespace {

void print_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& [what, outcome, says, error] : findings) {
    nlohmann::ordered_json one{{"what", what}, {"ok", outcome == Outcome::kWorks}};
    if (outcome == Outcome::kNotTried) one["tried"] = false;
    if (error) {
      one["error"] = error->message();
      one["hint"] = error->hint();
    } else {
      one["found"] = says;
    }
    all.push_back(one);
  }
  print_document(nlohmann::ordered_json{{"findings", all}});
}

void print_text(const std::vector<Finding>& findings) {
  size_t width = 0;
  for (const auto& one : findings) width = std::max(width, one.what.size());
  const auto line = [width](std::string_view title, std::string_view what, const std::string& text) {
    // A fault for each line of a checks file: all of them stand below each other.
    const std::string indented =
        text::replace_all(text::printable_lines(text), "\n", fmt::format("\n{:<{}}", "", width + 9));
    print("{:<7} {:<{}} {}\n", title, what, width, indented);
  };
  for (const auto& [what, outcome, says, error] : findings) {
    const char* title = outcome == Outcome::kWorks ? "ok" : outcome == Outcome::kFails ? "failed" : "-";
    line(title, what, error ? error->message() : says);
    if (error && !error->hint().empty()) line("", "hint:", error->hint());
  }
}

}  // namespace

int Findings::told(bool as_json) const {
  as_json ? print_json(all_) : print_text(all_);
  for (const auto& one : all_) {
    if (one.error) return static_cast<int>(one.error->code());
  }
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace metl::cli

#include "quality/report/finding.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "base/unicode.h"

namespace metl::quality {
namespace {

// " (row_count 4, missing_count 1)": what a share was made of.
std::string parts_of(const CheckResult& check) {
  std::vector<std::string> parts;
  for (const auto& [key, text] : check.diagnostics) {
    if (key.ends_with("_count")) parts.push_back(fmt::format("{} {}", key, text));
  }
  return parts.empty() ? "" : fmt::format(" ({})", fmt::join(parts, ", "));
}

std::string counted(size_t count, std::string_view what) { return fmt::format("{} {}", count, what); }

}  // namespace

std::string title_of(const CheckResult& check) {
  if (check.dataset.empty()) return "the data source";
  return check.partition.empty() ? check.dataset : fmt::format("{} [{}]", check.dataset, check.partition);
}

std::string finding_of(const CheckResult& check) {
  if (check.metric == "schema" || check.metric == "group_evolution") {
    std::vector<std::string> lines;
    for (const auto& [key, value] : check.diagnostics) {
      if (key.starts_with("warn_") || key.starts_with("fail_")) lines.push_back(fmt::format("{} {}", key, value));
    }
    return fmt::format("{}", fmt::join(lines, ", "));
  }
  std::string value = to_text(check.value);
  for (const auto& [key, text] : check.diagnostics) {
    if (key == "freshness") value = text == to_text(Value{}) ? "unknown, as no row has a time" : text;
  }
  return fmt::format("{} = {}{}{}{}", check.measured, value, parts_of(check), check.threshold.empty() ? "" : ", ",
                     check.threshold);
}

std::string summary_of(const ScanResult& result) {
  std::vector<std::string> parts;
  const int waiting = result.warming_up();
  for (const auto& [outcome, word] : {std::pair{Outcome::kPass, "passed"},
                                      {Outcome::kWarn, "warned"},
                                      {Outcome::kFail, "failed"},
                                      {Outcome::kNotEvaluated, "not evaluated"}}) {
    const int count = result.count(outcome) - (outcome == Outcome::kNotEvaluated ? waiting : 0);
    if (count > 0) parts.push_back(counted(static_cast<size_t>(count), word));
  }
  if (waiting > 0) parts.push_back(counted(static_cast<size_t>(waiting), "warming up"));
  const size_t errors = result.errors.size();
  if (errors > 0) parts.push_back(counted(errors, errors == 1 ? "error" : "errors"));
  const size_t total = result.checks.size();
  return fmt::format("{}{}{}", counted(total, total == 1 ? "check" : "checks"), parts.empty() ? "" : ": ",
                     fmt::join(parts, ", "));
}

std::string message_of(const ScanError& error) {
  std::string out = text::printable(to_text(error.location)) + ": ";
  bool first = true;
  for (const auto& line : text::split(text::trim(error.message), '\n')) {
    out += (first ? "" : "    | ") + text::printable(line) + "\n";
    first = false;
  }
  return out;
}

}  // namespace metl::quality

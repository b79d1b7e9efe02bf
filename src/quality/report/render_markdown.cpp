#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/unicode.h"
#include "quality/report/finding.h"
#include "quality/report/render.h"

namespace metl::quality {
namespace {

// Shown as it is: in a code span nothing is a link, a mention, HTML or emphasis.
std::string code(std::string_view text) {
  const std::string inside = text::printable(text);
  if (text::trim(inside).empty()) return "";
  size_t longest = 0;
  size_t run = 0;
  for (const char c : inside) longest = std::max(longest, run = c == '`' ? run + 1 : 0);
  const std::string fence(longest + 1, '`');
  const bool touches = inside.starts_with('`') || inside.ends_with('`');
  return touches ? fmt::format("{} {} {}", fence, inside, fence) : fence + inside + fence;
}

std::string cell(std::string_view text) { return text::replace_all(code(text), "|", "\\|"); }

std::string_view word_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::kPass:
      return "passed";
    case Outcome::kWarn:
      return "⚠️ warned";
    case Outcome::kFail:
      return "❌ **failed**";
    case Outcome::kNotEvaluated:
      break;
  }
  return "❔ **not evaluated**";
}

// Failures first: who reads this at night reads the first lines.
int rank(Outcome outcome) {
  switch (outcome) {
    case Outcome::kFail:
      return 0;
    case Outcome::kNotEvaluated:
      return 1;
    case Outcome::kWarn:
      return 2;
    case Outcome::kPass:
      break;
  }
  return 3;
}

}  // namespace

std::string render_markdown(const ScanResult& result) {
  std::string out = fmt::format("**{}**\n", summary_of(result));
  std::vector<const CheckResult*> checks;
  for (const auto& check : result.checks) checks.push_back(&check);
  std::stable_sort(checks.begin(), checks.end(),
                   [](const auto* a, const auto* b) { return rank(a->outcome) < rank(b->outcome); });
  if (!checks.empty()) out += "\n| Outcome | Dataset | Check | Found | Place |\n|---|---|---|---|---|\n";
  for (const auto* check : checks) {
    out +=
        fmt::format("| {} | {} | {} | {} | {} |\n", word_of(check->outcome), cell(title_of(*check)), cell(check->name),
                    check->is_bad() ? cell(finding_of(*check)) : "", cell(to_text(check->location)));
  }
  if (!result.errors.empty()) out += "\nErrors:\n\n";
  for (const auto& error : result.errors) {
    out += fmt::format("- {} {}\n", code(to_text(error.location)), code(error.message));
  }
  return out;
}

}  // namespace metl::quality

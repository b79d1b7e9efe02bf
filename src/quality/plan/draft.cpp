#include "quality/plan/draft.h"

#include "base/text.h"
#include "quality/syntax/print.h"

namespace metl::quality {
namespace {

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text::trim(text)) {
    const bool space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (!space)
      out += c;
    else if (!out.ends_with(' '))
      out += ' ';
  }
  return out;
}

}  // namespace

CheckResult draft_of(const Check& check, const std::string& title, const std::string& dataset,
                     const std::string& partition) {
  CheckResult out;
  out.dataset = dataset;
  out.partition = partition;
  out.definition = check.line;
  // Soda Core names the warn zone first, in whatever order they stand.
  if (!check.written_warn.empty()) out.definition += " warn " + check.written_warn;
  if (!check.written_fail.empty()) out.definition += " fail " + check.written_fail;
  out.definition = one_line(out.definition);
  out.name = std::holds_alternative<SchemaBody>(check.body)           ? "Schema Check"
             : std::holds_alternative<GroupEvolutionBody>(check.body) ? "Group Evolution Check"
                                                                      : out.definition;
  out.location = check.at;
  out.samples_limit = check.samples_limit.value_or(out.samples_limit);
  out.origin = {print_check(check, title), identity_text(check, title), measuring_settings(check), {}};
  return out;
}

}  // namespace metl::quality

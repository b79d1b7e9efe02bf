// Workflow commands: "::error file=F,line=L,col=C,title=T::MESSAGE". Only the summary is no command, and holds no text
// from outside: GitHub also obeys "##[command]" inside of other lines.
#include <fmt/format.h>

#include "base/text.h"
#include "base/unicode.h"
#include "quality/report/finding.h"
#include "quality/report/render.h"

namespace metl::quality {
namespace {

std::string escaped(std::string_view text) { return text::replace_all(text::valid_utf8(text), "%", "%25"); }

// A message may have several lines; control characters have no business in it.
std::string message(std::string_view text) {
  std::string out;
  for (const auto& line : text::split(text, '\n')) out += (out.empty() ? "" : "%0A") + escaped(text::printable(line));
  return out;
}

std::string property(std::string_view text) {
  return text::replace_all(text::replace_all(escaped(text::printable(text)), ":", "%3A"), ",", "%2C");
}

std::string command(std::string_view level, const Location& at, std::string_view title, std::string_view text) {
  std::string place;
  if (!at.file.empty()) place = fmt::format("file={},", property(at.file));
  if (at.line > 0) place += fmt::format("line={},col={},", at.line, at.column);
  return fmt::format("::{} {}title={}::{}\n", level, place, property(title), message(text));
}

}  // namespace

std::string render_github(const ScanResult& result) {
  std::string out;
  for (const auto& check : result.checks) {
    if (!check.is_bad()) continue;
    const bool failed = check.outcome == Outcome::kFail;
    out += command(failed ? "error" : "warning", check.location, check.name,
                   fmt::format("{}: {}", title_of(check), finding_of(check)));
  }
  for (const auto& error : result.errors) out += command("error", error.location, "Checks", error.message);
  for (const auto& notice : result.notices) out += command("notice", notice.location, "Checks", notice.message);
  return out + summary_of(result) + "\n";
}

}  // namespace metl::quality

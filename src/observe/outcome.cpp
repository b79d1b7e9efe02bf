#include "observe/outcome.h"

#include <fmt/ranges.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace metl::observe {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::RunReport;
using pipeline::Status;
using quality::Outcome;

std::string names_of(const RunReport& report, bool warned) {
  std::vector<std::string> names;
  if (report.checks) {
    for (const auto& check : report.checks->checks) {
      const bool is_warned = check.outcome == Outcome::kWarn;
      if (check.outcome != Outcome::kPass && is_warned == warned) names.push_back(check.name);
    }
  }
  return fmt::format("{}", fmt::join(names, "; "));
}

std::string summary_of(const RunReport& report, std::string_view outcome) {
  if (report.error) return fmt::format("{}: {}", name_of(report.error->cause()), report.error->message());
  if (outcome == "refused") return fmt::format("failed checks: {}", names_of(report, false));
  std::string out = report.version ? fmt::format("version {}, {} rows", *report.version, report.rows_written())
                                   : std::string("nothing was published");
  if (const std::string warned = names_of(report, true); !warned.empty())
    out += fmt::format("; checks that warn: {}", warned);
  return out;
}

std::string shown(const Json& value) {
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : on_one_line(value);
}

}  // namespace

std::string_view outcome_of(const RunReport& report) {
  switch (report.status) {
    case Status::kPublished:
      return report.checks && report.checks->count(Outcome::kWarn) > 0 ? "warned" : "published";
    case Status::kDryRun:
      return "dry_run";
    case Status::kKept:
      return "kept";
    case Status::kChecksFailed:
      return "refused";
    case Status::kFailed:
      break;
  }
  const Cause cause = report.error ? report.error->cause() : Cause::kFailed;
  return cause == Cause::kInputMissing  ? "not_landed"
         : cause == Cause::kConflict    ? "conflict"
         : cause == Cause::kInterrupted ? "interrupted"
                                        : "failed";
}

bool is_good(std::string_view outcome) {
  return outcome == "published" || outcome == "warned" || outcome == "kept" || outcome == "recovered";
}

Json event_of(const RunReport& report, std::string_view outcome, const std::string& environment) {
  const auto* error = report.error ? &*report.error : nullptr;
  const std::string day = report.execution_hour ? fmt::format("{}T{:02}", report.execution_date, *report.execution_hour)
                                                : report.execution_date;
  return {{"event", "outcome"},
          {"outcome", outcome},
          {"status", pipeline::to_json(report)["status"]},
          {"exit_code", static_cast<int>(report.exit_code())},
          {"seconds", report.seconds},
          {"run_id", report.run_id},
          {"pipeline", report.pipeline},
          {"execution_date", day},
          {"table", report.table},
          {"environment", environment},
          {"version", report.version ? Json(*report.version) : Json()},
          {"rows", report.published ? report.rows_written() : 0},
          {"failed_checks", names_of(report, false)},
          {"warned_checks", names_of(report, true)},
          {"error", error == nullptr ? Json() : Json(error->message())},
          {"cause", error == nullptr ? Json() : Json(name_of(error->cause()))},
          {"hint", error == nullptr ? Json() : Json(error->what_to_do())},
          {"command", report.command},
          {"summary", summary_of(report, outcome)}};
}

std::string filled(const std::string& text, const Json& event) {
  std::vector<std::string> out;
  for (const auto& line : text::split(text, '\n')) {
    std::string made;
    bool named = false, says = false;
    size_t at = 0;
    while (at < line.size()) {
      const size_t open = line.find('{', at);
      const size_t close = open == std::string::npos ? open : line.find('}', open);
      if (close == std::string::npos) break;
      const std::string name = line.substr(open + 1, close - open - 1);
      if (!event.contains(name)) {
        std::vector<std::string> known;
        for (const auto& [field, value] : event.items()) known.push_back(field);
        throw Error(Cause::kConfiguration, fmt::format("observe.notify.text names {{{}}}, which is no field", name),
                    fmt::format("Fields are {}.", fmt::join(known, ", ")));
      }
      const std::string value = shown(event[name]);
      made += line.substr(at, open - at) + value;
      named = true;
      says = says || !value.empty();
      at = close + 1;
    }
    made += line.substr(at);
    if (!named || says) out.push_back(made);
  }
  return fmt::format("{}", fmt::join(out, "\n"));
}

}  // namespace metl::observe

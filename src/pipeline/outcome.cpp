#include "pipeline/outcome.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secrets.h"
#include "storage/store.h"

namespace metl::pipeline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kEnd = ".json";

std::string all_outcomes(const std::string& warehouse) { return warehouse + "/_runs/days"; }

std::string outcome_folder(const std::string& warehouse, const std::string& table) {
  return fmt::format("{}/{}", all_outcomes(warehouse), table);
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string message_of(const RunReport& report) {
  if (report.error) return first_line(report.error->message());
  std::vector<std::string> failed;
  for (const auto& check : report.checks->checks) {
    if (check.outcome != quality::Outcome::kPass && check.outcome != quality::Outcome::kWarn)
      failed.push_back(check.name);
  }
  return fmt::format("{}", fmt::join(failed, "; "));
}

std::optional<DayOutcome> parsed(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    return DayOutcome{json.at("run_id"),    json.at("refused"), json.at("ended_millis"),
                      json.at("exit_code"), json.at("cause"),   json.at("message")};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

void keep_outcome(const RunRequest& request, const RunReport& report) {
  const bool refused = report.status == Status::kChecksFailed;
  const bool failed = report.status == Status::kFailed && report.error->cause() != Cause::kInputMissing;
  if (!refused && !failed) return;
  const Json out{{"run_id", report.run_id},
                 {"refused", refused},
                 {"ended_millis", unix_millis(std::chrono::system_clock::now())},
                 {"exit_code", static_cast<int>(report.exit_code())},
                 {"cause", refused ? "" : name_of(report.error->cause())},
                 {"message", message_of(report)}};
  const std::string folder = outcome_folder(request.curated_location, request.table);
  for (const auto& each : {all_outcomes(request.curated_location), folder})
    storage::make_private_folder(each, request.record_mode);
  storage::write_text(fmt::format("{}/{}{}", folder, request.day.iso(), kEnd), secrets::masked(on_one_line(out)) + "\n",
                      request.record_mode);
}

std::map<std::string, DayOutcome> outcomes(const std::string& warehouse, const std::string& table, const Date& first,
                                           const Date& last) {
  std::map<std::string, DayOutcome> out;
  for (const auto& file : storage::list_files(outcome_folder(warehouse, table))) {
    std::string day = file.path.substr(file.path.rfind('/') + 1);
    if (!day.ends_with(kEnd)) continue;
    day.resize(day.size() - kEnd.size());
    if (day < first.iso() || day > last.iso()) continue;
    try {
      const auto text = storage::read_text(file.path);
      const auto one = text ? parsed(*text) : std::nullopt;
      if (one) out.emplace(day, *one);
      if (text && !one) log::warning("{} does not tell how a run ended, and is left aside", file.path);
    } catch (const Error& e) {
      log::warning("how the last run of {} ended is not known: {}", day, e.message());
    }
  }
  return out;
}

}  // namespace metl::pipeline

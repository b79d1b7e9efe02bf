#include "pipeline/days/runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "base/unicode.h"
#include "storage/store.h"
#include "table/lease.h"

namespace metl::pipeline {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::string_view kEnd = ".json";

std::string records_of(const RecordPlace& place) { return place.curated_location + "/_runs"; }

std::optional<KeptRun> parsed(const std::string& run_id, const std::string& text, bool waits) {
  Json record = Json::parse(text, nullptr, false);
  if (record.is_object()) return KeptRun{run_id, std::move(record), waits};
  log::warning("the record of run {} cannot be read", run_id);
  return std::nullopt;
}

// "20210101T123456", with which the ids of runs begin.
std::string stamp_of(std::chrono::system_clock::time_point time) {
  constexpr size_t kSecond = 19;
  return text::replace_all(text::replace_all(iso_utc(time).substr(0, kSecond), "-", ""), ":", "");
}

}  // namespace

std::string text_at(const Json& record, const char* pointer) {
  const Json::json_pointer path(pointer);
  if (!record.contains(path) || record.at(path).is_null()) return "-";
  const Json& value = record.at(path);
  if (value.is_string()) return value.get<std::string>().empty() ? "-" : text::printable(value.get<std::string>());
  return value.is_number_float() ? fmt::format("{:.2f}", value.get<double>()) : value.dump();
}

std::vector<KeptRun> runs_since(const RecordPlace& place, std::chrono::system_clock::time_point since) {
  std::vector<KeptRun> out;
  const std::string first = stamp_of(since);
  for (const auto& file : storage::list_files(records_of(place))) {
    std::string run_id = file.path.substr(file.path.rfind('/') + 1);
    if (!run_id.ends_with(kEnd)) continue;
    run_id.resize(run_id.size() - kEnd.size());
    if (!table::is_run_id(run_id) || run_id < first) continue;
    const auto text = storage::read_text(file.path);
    if (auto run = text ? parsed(run_id, *text, false) : std::nullopt) out.push_back(std::move(*run));
  }
  for (const auto& waiting : spooled(place)) {
    if (waiting.run_id < first) continue;
    if (auto run = parsed(waiting.run_id, waiting.record, true)) out.push_back(std::move(*run));
  }
  const auto began = [](const KeptRun& run) { return std::pair(run.record.value("started", ""), run.run_id); };
  std::sort(out.begin(), out.end(), [&](const KeptRun& a, const KeptRun& b) { return began(a) > began(b); });
  return out;
}

KeptRun run_of(const RecordPlace& place, const std::string& run_id) {
  if (table::is_run_id(run_id)) {
    if (const auto text = storage::read_text(fmt::format("{}/{}{}", records_of(place), run_id, kEnd))) {
      if (auto run = parsed(run_id, *text, false)) return std::move(*run);
    }
    for (const auto& waiting : spooled(place)) {
      if (waiting.run_id != run_id) continue;
      if (auto run = parsed(run_id, waiting.record, true)) return std::move(*run);
    }
  }
  throw Error(Cause::kUsage, fmt::format("there is no record of a run '{}' in {}", run_id, records_of(place)),
              "`movies-etl runs list` shows those that there are.");
}

std::string to_text(const KeptRun& run) {
  const Json& record = run.record;
  std::string out;
  const auto line = [&out](std::string_view name, const std::string& value) {
    out += fmt::format("{:<12} {}\n", name, value);
  };
  line("run", run.run_id + (run.waits ? " (kept on this machine, not delivered yet)" : ""));
  line("day", fmt::format("{} of pipeline {}", text_at(record, "/execution_date"), text_at(record, "/pipeline")));
  line("status", fmt::format("{} (exit {})", text_at(record, "/status"), text_at(record, "/exit_code")));
  line("started", fmt::format("{}, took {} s", text_at(record, "/started"), text_at(record, "/seconds")));
  line("table", fmt::format("{} at {}, version {}", text_at(record, "/table"), text_at(record, "/location"),
                            text_at(record, "/version")));
  line("rows", fmt::format("{} read, {} written", text_at(record, "/source/rows"), text_at(record, "/written/rows")));
  line("program", fmt::format("movies-etl {} on {}", text_at(record, "/program_version"), text_at(record, "/engine")));
  std::vector<std::string> steps;
  const Json all_steps = record.value("steps_seconds", Json::object());
  for (const auto& [name, seconds] : all_steps.items())
    steps.push_back(fmt::format("{} {:.2f} s", name, seconds.is_number() ? seconds.get<double>() : 0.0));
  if (!steps.empty()) line("steps", fmt::format("{}", fmt::join(steps, ", ")));
  if (record.contains("checks")) {
    line("checks",
         fmt::format("{} passed, {} warned, {} failed, {} not evaluated", text_at(record, "/checks/summary/passed"),
                     text_at(record, "/checks/summary/warned"), text_at(record, "/checks/summary/failed"),
                     text_at(record, "/checks/summary/not_evaluated")));
    for (const auto& check : record["checks"].value("checks", Json::array())) {
      if (check.value("outcome", "") == "pass") continue;
      line("", fmt::format("{}: {}, measured {}", text_at(check, "/outcome"), text_at(check, "/name"),
                           text_at(check, "/value")));
    }
  }
  for (const auto& sample : record.value("samples", Json::array()))
    line("samples", sample.is_string() ? text::printable(sample.get<std::string>()) : sample.dump());
  if (record.contains("error")) {
    line("error", fmt::format("{}: {}", text_at(record, "/error/cause"), text_at(record, "/error/message")));
    line("hint", text_at(record, "/error/hint"));
  }
  line("again", text_at(record, "/command"));
  return out;
}

}  // namespace metl::pipeline

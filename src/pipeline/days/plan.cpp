#include "pipeline/days/plan.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "base/error.h"
#include "base/location.h"
#include "base/text.h"
#include "base/unicode.h"
#include "pipeline/inputs.h"
#include "pipeline/made_of.h"
#include "pipeline/outcome.h"
#include "source/source.h"
#include "table/lease.h"

namespace metl::pipeline {
namespace {

struct StateRow {
  DayState state;
  std::string_view name;
  Need need;
  std::string_view action;
};

constexpr std::array<StateRow, 9> kStates{{
    {DayState::kPublished, "published", Need::kNothing, "leave it"},
    {DayState::kMissing, "missing", Need::kMissing, "run it"},
    {DayState::kNotLanded, "not landed", Need::kNothing, "wait for it"},
    {DayState::kRawChanged, "raw changed", Need::kStale, "run it"},
    {DayState::kPipelineChanged, "pipeline changed", Need::kStale, "run it"},
    {DayState::kInputChanged, "input changed", Need::kStale, "run it"},
    {DayState::kRefused, "refused (checks)", Need::kRefused, "run it"},
    {DayState::kFailed, "failed", Need::kMissing, "run it"},
    {DayState::kRunning, "running", Need::kNothing, "leave it"},
}};

const StateRow& row_of(DayState state) {
  return *std::find_if(kStates.begin(), kStates.end(), [&](const StateRow& row) { return row.state == state; });
}

// What lies in a day's raw folder.
struct Landed {
  std::optional<int64_t> raw = std::nullopt;  // nothing: the day has not landed
  std::string why = {};                       // not
  std::string fault = {};                     // that keeps it from being looked at
};

Landed look(const source::Source& source, const source::Description& described, const Date& day) {
  try {
    const source::Landing landing = source.landed({day});
    if (landing.files.empty() && described.on_empty_input != source::EmptyInput::kClear)
      return {.why = fmt::format("its folder holds no {} files", described.contents.format())};
    return {.raw = number_of(landing)};
  } catch (const Error& e) {
    if (e.cause() == Cause::kInputMissing) return {.why = e.message()};
    if (e.cause() == Cause::kInterrupted) throw;
    return {.fault = e.message()};
  }
}

// In a store each look is a request or two, so many are under way at once.
std::vector<Landed> look_at_all(const RunRequest& request, const std::vector<Date>& days) {
  constexpr size_t kAtOnce = 16;
  const source::Description& described = request.pipeline.source;
  const source::Source source(request.raw_location, described);
  std::vector<Landed> out(days.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < days.size(); i = next++) out[i] = look(source, described, days[i]);
  };
  std::vector<std::future<void>> others;
  if (is_remote(request.raw_location)) {
    for (size_t i = 1; i < std::min(kAtOnce, days.size()); ++i) others.push_back(std::async(std::launch::async, work));
  }
  work();
  for (auto& each : others) each.get();
  return out;
}

// What the table says of its days.
struct Curated {
  std::map<std::string, PublishedDay> published;
  std::map<std::string, int64_t>
      files_of;  // the newest file's time, of days that have files; where a day is a partition
  bool days_are_partitions = false;
};

Curated curated(const RunRequest& request) {
  Curated out;
  const auto table = table::Table::open(request.table_root);
  if (!table) return out;
  out.published = published_days(*table);
  out.days_are_partitions = request.pipeline.replaces_its_day();
  if (!out.days_are_partitions) return out;
  for (const auto& file : table->files({}, table::Table::Statistics::kLeft)) {
    const auto value = file.partition.find(*request.pipeline.run_date_column);
    if (value == file.partition.end()) continue;
    int64_t& newest = out.files_of[value->second];
    newest = std::max(newest, file.modified_millis);
  }
  return out;
}

// The publication that stands, if any. Its files count: somebody else may have deleted the day, or an earlier version
// of this program published it and left no marks.
std::optional<PublishedDay> standing(const Curated& curated, const std::string& day) {
  const auto marks = curated.published.find(day);
  const auto files = curated.files_of.find(day);
  const bool has_files = files != curated.files_of.end();
  if (marks == curated.published.end())
    return has_files ? std::optional(PublishedDay{std::nullopt, -1, -1, files->second}) : std::nullopt;
  if (curated.days_are_partitions && !has_files && marks->second.rows != 0) return std::nullopt;
  return marks->second;
}

class Planner {
 public:
  Planner(const RunRequest& request, const std::vector<Date>& days)
      : request_(request),
        curated_(curated(request)),
        outcomes_(outcomes(request.curated_location, request.table, days.front(), days.back())),
        inputs_(number_of(Inputs(request.pipeline.inputs, request.catalog, days.back()).state())) {
    for (const auto& run : table::living_runs(request.table_root)) running_.emplace(run.day, run.run_id);
  }

  DayPlan plan(const Date& day, const Landed& landed) const {
    DayPlan out{.day = day};
    const auto published = standing(curated_, day.iso());
    if (published) {
      if (published->version >= 0) out.version = static_cast<uint64_t>(published->version);
      if (published->rows >= 0) out.rows = published->rows;
      if (published->millis >= 0) out.millis = published->millis;
    }
    std::tie(out.state, out.detail, out.run_id) = judge(day.iso(), published, landed);
    return out;
  }

 private:
  using Judged = std::tuple<DayState, std::string, std::string>;

  Judged judge(const std::string& day, const std::optional<PublishedDay>& published, const Landed& landed) const {
    if (const auto run = running_.find(day); run != running_.end()) return {DayState::kRunning, "", run->second};
    if (!landed.fault.empty()) return {DayState::kFailed, landed.fault, ""};
    const auto last = outcomes_.find(day);
    const bool is_news = last != outcomes_.end() && (!published || last->second.ended_millis > published->millis);
    // What has gone from the raw layer cannot be run again, whatever its last run said.
    if (!landed.raw) {
      if (!published) return {DayState::kNotLanded, landed.why, ""};
      return {DayState::kPublished, landed.why, ""};
    }
    if (is_news) {
      const auto& [run_id, refused, ended, code, cause, message] = last->second;
      return {refused ? DayState::kRefused : DayState::kFailed,
              refused ? message : fmt::format("exit {} ({}): {}", code, cause, message), run_id};
    }
    if (!published) return {DayState::kMissing, "", ""};
    if (!published->made_of) return {DayState::kPublished, "by a version that did not say of what", ""};
    if (published->made_of->raw != *landed.raw) return {DayState::kRawChanged, "", ""};
    if (published->made_of->pipeline != request_.pipeline.number) return {DayState::kPipelineChanged, "", ""};
    if (published->made_of->inputs != inputs_) return {DayState::kInputChanged, "", ""};
    return {DayState::kPublished, "", ""};
  }

  const RunRequest& request_;
  Curated curated_;
  std::map<std::string, DayOutcome> outcomes_;
  int64_t inputs_;
  std::map<std::string, std::string> running_;  // day -> run
};

}  // namespace

std::string_view name_of(DayState state) { return row_of(state).name; }

Need need_of(DayState state) { return row_of(state).need; }

std::vector<DayPlan> plan_days(const RunRequest& request, const std::vector<Date>& days) {
  if (request.pipeline.source.by_hour) {
    throw Error(Cause::kUsage,
                fmt::format("pipeline '{}' runs by the hour, and a plan knows days alone", request.pipeline.name),
                "Run its hours: movies-etl run --execution-date DAY --execution-hour 0..23.");
  }
  const Planner planner(request, days);
  const std::vector<Landed> landed = look_at_all(request, days);
  std::vector<DayPlan> out;
  for (size_t i = 0; i < days.size(); ++i) out.push_back(planner.plan(days[i], landed[i]));
  return out;
}

nlohmann::ordered_json to_json(const DayPlan& day) {
  using Json = nlohmann::ordered_json;
  Json out{{"day", day.day.iso()}, {"state", name_of(day.state)}, {"backfill", row_of(day.state).action}};
  out["version"] = day.version ? Json(*day.version) : Json();
  out["rows"] = day.rows ? Json(*day.rows) : Json();
  out["published"] = day.millis ? Json(iso_utc(*day.millis)) : Json();
  if (!day.detail.empty()) out["detail"] = day.detail;
  if (!day.run_id.empty()) out["run_id"] = day.run_id;
  return out;
}

std::string to_text(const std::vector<DayPlan>& days) {
  constexpr size_t kMinute = 16;  // "2021-01-01T12:34"
  std::string out = fmt::format("{:<10}  {:<16}  {:>8}  {:>12}  {:<17}  {:<11}  {}\n", "day", "state", "version",
                                "rows", "published (UTC)", "backfill", "");
  std::map<DayState, int> counts;
  for (const auto& day : days) {
    ++counts[day.state];
    const auto shown = [](const auto& value) { return value ? fmt::format("{}", *value) : std::string("-"); };
    const std::string when = day.millis ? text::replace_all(iso_utc(*day.millis).substr(0, kMinute), "T", " ") : "-";
    std::string what = text::printable(day.detail);
    if (!day.run_id.empty()) what += fmt::format("{}run {}", what.empty() ? "" : "; ", day.run_id);
    std::string line =
        fmt::format("{:<10}  {:<16}  {:>8}  {:>12}  {:<17}  {:<11}  {}", day.day.iso(), name_of(day.state),
                    shown(day.version), shown(day.rows), when, row_of(day.state).action, what);
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
  }
  std::vector<std::string> sums;
  for (const auto& [state, count] : counts) sums.push_back(fmt::format("{} {}", count, name_of(state)));
  return out + fmt::format("{} day{}: {}\n", days.size(), days.size() == 1 ? "" : "s", fmt::join(sums, ", "));
}

}  // namespace metl::pipeline

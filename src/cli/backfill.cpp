#include "cli/backfill.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "app/catalog.h"
#include "app/interrupt.h"
#include "app/many_days.h"
#include "app/run_request.h"
#include "app/sensitive_columns.h"
#include "app/storage.h"
#include "base/environment.h"
#include "base/json.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/unicode.h"
#include "cli/closing.h"
#include "cli/commands.h"
#include "cli/failing_rows.h"
#include "cli/output.h"
#include "cli/progress.h"

namespace metl::cli {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::DayPlan;
using pipeline::DayState;
using pipeline::RunReport;

Json iso_of(const std::vector<Date>& days) {
  Json out = Json::array();
  for (const auto& day : days) out.push_back(day.iso());
  return out;
}

// How far all of the days are together: never backwards, whatever an engine says of one of them.
class Overall {
 public:
  Overall(const Invocation& invocation, size_t days)
      : bar_(shows_progress(invocation), stderr_has_colour()), days_(days) {}

  void started() {
    const std::lock_guard lock(mutex_);
    ++begun_;
    show();
  }
  void advanced(const Date& day, const engine::Advance& now) {
    constexpr double kAll = 100, kNearlyAll = 0.99;
    const std::lock_guard lock(mutex_);
    double& part = under_way_[day.iso()];
    part = std::max(part, std::min(now.percent / kAll, kNearlyAll));
    show();
  }
  void ended(const std::string& day) {
    const std::lock_guard lock(mutex_);
    under_way_.erase(day);
    ++ended_;
    show();
  }
  void finish() { bar_.finish(); }

 private:
  void show() {
    constexpr double kAll = 100;
    double sum = static_cast<double>(ended_);
    for (const auto& [day, part] : under_way_) sum += part;
    bar_.show(kAll * sum / static_cast<double>(days_), fmt::format("day {} of {}", std::min(begun_, days_), days_));
  }

  Progress bar_;
  size_t days_;
  std::mutex mutex_;  // guards what follows
  size_t begun_ = 0;
  size_t ended_ = 0;
  std::map<std::string, double> under_way_;
};

// How the days ended, told as they do and summed up at the end.
class Telling {
 public:
  Telling(const Invocation& invocation, const Backfill& what, const std::vector<DayPlan>& plan)
      : invocation_(invocation), what_(what) {
    for (const auto& day : plan) {
      if (what.only.contains(pipeline::need_of(day.state))) {
        to_run_.push_back(day.day);
      } else if (day.state == DayState::kNotLanded) {
        not_landed_.push_back(day.day);
      } else {
        ++skipped_[day.state];
      }
    }
  }

  const std::vector<Date>& to_run() const { return to_run_; }

  void ended(const RunReport& report) {
    const bool done = report.exit_code() == ExitCode::kDone;
    const Date day = Date::parse(report.execution_date);
    (done ? done_ : failed_).push_back(day);
    code_ = worse(code_, report.exit_code());
    if (invocation_.output_json) {
      RunReport shown = report;
      if (shown.checks) hide_rows(*shown.checks);
      print("{}\n", on_one_line(pipeline::to_json(shown)));
    } else {
      print("{}  {}\n", day.iso(), line_of(report));
    }
    flush_out();
    if (report.error) log::error("{}: {}", day.iso(), report.error->in_full());
  }

  int finish() {
    std::vector<Date> left = failed_;
    std::vector<Date> not_tried;
    for (const auto& day : to_run_) {
      if (std::find(done_.begin(), done_.end(), day) == done_.end() &&
          std::find(failed_.begin(), failed_.end(), day) == failed_.end())
        not_tried.push_back(day);
    }
    left.insert(left.end(), not_tried.begin(), not_tried.end());
    for (auto* days : {&left, &done_, &failed_}) std::sort(days->begin(), days->end());
    if (what_.expects_all && !not_landed_.empty()) code_ = worse(code_, ExitCode::kInputMissing);
    if (stop::requested() && !left.empty()) code_ = worse(code_, stop::reason().code());
    stop::settle(code_);
    const std::string command = left.empty() ? "" : command_for(invocation_, left);
    invocation_.output_json ? sum_up_in_json(not_tried, command) : sum_up_in_text(not_tried, command);
    return static_cast<int>(code_);
  }

 private:
  static std::string line_of(const RunReport& report) {
    const std::string run = fmt::format("{:.1f} s, run {}", report.seconds, report.run_id);
    switch (report.status) {
      case pipeline::Status::kPublished:
        return fmt::format("published as version {}: {} rows, {}", report.version.value_or(0), report.rows_written(),
                           run);
      case pipeline::Status::kKept:
        return fmt::format("no input; what is published of it stays, {}", run);
      case pipeline::Status::kChecksFailed:
        return fmt::format("refused by its checks (exit 2), {}", run);
      default:
        return fmt::format("failed (exit {}), {}", static_cast<int>(report.exit_code()), run);
    }
  }

  void sum_up_in_text(const std::vector<Date>& not_tried, const std::string& command) const {
    const auto line = [](std::string_view name, size_t count, const std::string& which) {
      print("{:<11} {}{}{}\n", name, count, which.empty() ? "" : ": ", which);
    };
    line("done", done_.size(), in_ranges(done_));
    size_t skipped = 0;
    std::vector<std::string> states;
    for (const auto& [state, count] : skipped_) {
      skipped += count;
      states.push_back(fmt::format("{} {}", count, pipeline::name_of(state)));
    }
    line("skipped", skipped, fmt::format("{}", fmt::join(states, ", ")));
    if (!not_landed_.empty()) line("not landed", not_landed_.size(), in_ranges(not_landed_));
    line("failed", failed_.size(), in_ranges(failed_));
    line("not tried", not_tried.size(), in_ranges(not_tried));
    if (!command.empty()) print("go on with  {}\n", command);
  }

  void sum_up_in_json(const std::vector<Date>& not_tried, const std::string& command) const {
    Json skipped = Json::object();
    for (const auto& [state, count] : skipped_) skipped[std::string(pipeline::name_of(state))] = count;
    print("{}\n", on_one_line(Json{{"event", "backfill_ended"},
                                   {"exit_code", static_cast<int>(code_)},
                                   {"done", iso_of(done_)},
                                   {"skipped", skipped},
                                   {"not_landed", iso_of(not_landed_)},
                                   {"failed", iso_of(failed_)},
                                   {"not_tried", iso_of(not_tried)},
                                   {"command", command.empty() ? Json() : Json(command)}}));
  }

  const Invocation& invocation_;
  const Backfill& what_;
  std::vector<Date> to_run_;
  std::vector<Date> not_landed_;
  std::map<DayState, size_t> skipped_;
  std::vector<Date> done_;
  std::vector<Date> failed_;
  ExitCode code_ = ExitCode::kDone;
};

}  // namespace

Planned planned(const config::Settings& settings, const pipeline::Definition& definition,
                const std::vector<Date>& days) {
  const auto catalog = app::open_catalog(settings);
  pipeline::RunRequest request = app::run_request(settings, definition, *catalog, days.front());
  request.table_root = app::table_root(settings, request);
  app::open_storage(&settings, process_variables(), app::locations(settings, request));
  app::require_known_sensitive_columns(settings, catalog.get());
  return {request.table, request.table_root, pipeline::plan_days(request, days)};
}

ExitCode worse(ExitCode one, ExitCode other) {
  constexpr std::array kFromBest{ExitCode::kDone,        ExitCode::kInputMissing, ExitCode::kConflict,
                                 ExitCode::kCheckFailed, ExitCode::kRunFailed,    ExitCode::kUsage,
                                 ExitCode::kConfig,      ExitCode::kInterrupted};
  const auto rank = [&](ExitCode code) { return std::find(kFromBest.begin(), kFromBest.end(), code); };
  return rank(one) < rank(other) ? other : one;
}

std::string in_ranges(const std::vector<Date>& days) {
  std::vector<std::string> out;
  for (size_t first = 0; first < days.size();) {
    size_t last = first;
    while (last + 1 < days.size() && days[last].next() == days[last + 1]) ++last;
    out.push_back(first == last ? days[first].iso() : fmt::format("{}..{}", days[first].iso(), days[last].iso()));
    first = last + 1;
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

std::string command_for(const Invocation& invocation, const std::vector<Date>& days) {
  const auto [first, last] = std::minmax_element(days.begin(), days.end());
  const std::string range = *first == *last ? first->iso() : fmt::format("{}..{}", first->iso(), last->iso());
  std::string out = "movies-etl";
  for (const auto& word : invocation.words) {
    const size_t value = word.starts_with("--execution-date=") ? word.find('=') + 1 : 0;
    const bool is_days = !invocation.days_text.empty() && word.substr(value) == invocation.days_text;
    out += " " + quoted(is_days ? word.substr(0, value) + range : word);
  }
  return out;
}

namespace {

int run_what_needs_it(const Invocation& invocation, const Backfill& what, Closing& days) {
  const config::Settings settings = load_settings(invocation);
  const auto definition = pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline);
  const app::TimeLimit limit(invocation.timeout);
  const auto plan = planned(settings, definition, what.days).days;
  Telling telling(invocation, what, plan);
  if (invocation.dry_run) {
    if (invocation.output_json) {
      for (const auto& day : plan) print("{}\n", on_one_line(pipeline::to_json(day)));
    } else {
      write_out(pipeline::to_text(plan));
    }
    const auto& days = telling.to_run();
    if (!invocation.output_json)
      print("would run {} day{}{}{}\n", days.size(), days.size() == 1 ? "" : "s", days.empty() ? "" : ": ",
            in_ranges(days));
    return static_cast<int>(ExitCode::kDone);
  }
  Overall overall(invocation, telling.to_run().size());
  app::run_days({.settings = settings,
                 .pipeline = definition,
                 .days = telling.to_run(),
                 .jobs = what.jobs,
                 .keep_going = what.keep_going,
                 .adjust =
                     [&](pipeline::RunRequest& request) {
                       what.adjust(request);
                       request.command = command_for_day(invocation, request.day);
                     },
                 .started = [&](const Date&) { overall.started(); },
                 .advanced = [&](const Date& day, const engine::Advance& now) { overall.advanced(day, now); },
                 .ended =
                     [&](const RunReport& report) {
                       overall.ended(report.execution_date);
                       days.add(report);
                       telling.ended(report);
                     }});
  overall.finish();
  return telling.finish();
}

}  // namespace

int backfill(const Invocation& invocation, const Backfill& what) {
  return closing(invocation, [&](Closing& days) { return run_what_needs_it(invocation, what, days); });
}

}  // namespace metl::cli

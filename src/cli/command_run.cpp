// movies-etl run
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "app/catalog.h"
#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "app/run_request.h"
#include "app/sensitive_columns.h"
#include "app/upkeep.h"
#include "base/stop.h"
#include "cli/backfill.h"
#include "cli/closing.h"
#include "cli/commands.h"
#include "cli/failing_rows.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "pipeline/run.h"

namespace metl::cli {
namespace {

// Beside what it shares with other commands.
struct RunFlags {
  bool evolve = false;
  bool take_over = false;
  std::chrono::seconds wait{0};
  int catch_up = 0;        // days; 0: those of --execution-date
  std::vector<int> hours;  // ascending; none: of no pipeline by the hour
  bool show_rows = false;
};

// "7" or "0..23".
std::vector<int> parse_hours(const std::string& text) {
  constexpr int kHours = 24;
  const size_t dots = text.find("..");
  const auto hour = [&](const std::string& part) {
    const bool digits = !part.empty() && part.size() <= 2 && part.find_first_not_of("0123456789") == std::string::npos;
    const int value = digits ? std::stoi(part) : kHours;
    if (value < kHours) return value;
    throw Error(Cause::kUsage, fmt::format("'{}' is not an hour", text), "Give one from 0 to 23, or a range: 0..23.");
  };
  const int first = hour(text.substr(0, dots)), last = dots == std::string::npos ? first : hour(text.substr(dots + 2));
  if (first > last) throw Error(Cause::kUsage, fmt::format("'{}' ends before it begins", text));
  std::vector<int> out;
  for (int each = first; each <= last; ++each) out.push_back(each);
  return out;
}

// What the command runs, in order.
std::vector<source::Interval> intervals_of(const Invocation& invocation, const pipeline::Definition& pipeline) {
  const auto& hours = invocation.own<RunFlags>().hours;
  if (pipeline.source.by_hour == hours.empty()) {
    throw Error(Cause::kUsage,
                pipeline.source.by_hour
                    ? fmt::format("pipeline '{}' runs by the hour: --execution-hour is missing", pipeline.name)
                    : fmt::format("pipeline '{}' runs by the day, and knows no --execution-hour", pipeline.name),
                "source.path in pipeline.yaml says it: with {HH} there is a folder for each hour.");
  }
  std::vector<source::Interval> out;
  for (const Date& day : invocation.days) {
    if (hours.empty()) out.push_back({day});
    for (const int hour : hours) out.push_back({day, hour});
  }
  return out;
}

void print_report(const pipeline::RunReport& report) {
  if (!report.error) {
    write_out(pipeline::to_text(report, ::isatty(STDOUT_FILENO) != 0 && stderr_has_colour()));
    flush_out();
  }
}

// Those of the last days, up to yesterday, that need it.
int catch_up(const Invocation& invocation, const RunFlags& own) {
  Invocation days;
  store_days(days, fmt::format("today-{}..yesterday", own.catch_up));
  log::info("{}", days.days_meant);
  return backfill(
      invocation,
      {.days = days.days, .keep_going = true, .expects_all = true, .adjust = [&own](pipeline::RunRequest& request) {
         request.evolve = own.evolve;
         request.take_over = own.take_over;
       }});
}

// The days that were not begun after one that did not end well, and what to do about them.
void tell_what_is_left(const Invocation& invocation, const Date& failed) {
  std::vector<Date> left;
  for (const auto& day : invocation.days) {
    if (day > failed) left.push_back(day);
  }
  if (left.empty()) return;
  const std::string range = in_ranges(left);
  left.insert(left.begin(), failed);
  log::warning("not tried after {}: {}; go on with: {}", failed.iso(), range, command_for(invocation, left));
}

int run_days(const Invocation& invocation, Closing& ended);

int run_command(const Invocation& invocation) {
  if (const auto& own = invocation.own<RunFlags>(); own.catch_up > 0) {
    if (invocation.days.empty()) return catch_up(invocation, own);
    throw Error(Cause::kUsage, "--catch-up and --execution-date both say which days", "Give one of them.");
  }
  if (invocation.days.empty()) {
    throw Error(Cause::kUsage, "'run' needs --execution-date, or --catch-up",
                "For example: movies-etl run --execution-date 2021-01-01");
  }
  return closing(invocation, [&](Closing& ended) { return run_days(invocation, ended); });
}

int run_days(const Invocation& invocation, Closing& ended) {
  const config::Settings settings = load_settings(invocation);
  const auto catalog = app::open_catalog(settings);
  const auto definition = pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline);
  pipeline::RunRequest request = app::run_request(settings, definition, *catalog, invocation.days.front());
  request.table_root = app::table_root(settings, request);
  request.dry_run = invocation.dry_run;
  request.evolve = invocation.own<RunFlags>().evolve;
  request.take_over = invocation.own<RunFlags>().take_over;
  request.wait = invocation.own<RunFlags>().wait;

  const app::TimeLimit limit(invocation.timeout);
  app::ChosenEngine chosen(&settings, app::locations(settings, request));
  app::require_known_sensitive_columns(settings, catalog.get());
  engine::Engine& engine = chosen.get();
  Progress bar(shows_progress(invocation), stderr_has_colour());
  const auto intervals = intervals_of(invocation, definition);
  constexpr double kWhole = 100;  // percent
  bool last_day = false;
  const pipeline::RunEvents events{.step = [&bar](const std::string& step) { bar.step(step); },
                                   .progress = [&bar](const engine::Advance& now) { bar.update(now); },
                                   .published =
                                       [&last_day] {
                                         if (last_day) stop::settle(ExitCode::kDone);
                                       }};

  // The days run in order; the first that does not end well ends the command, so that a bad day is not followed by
  // others.
  nlohmann::ordered_json documents = nlohmann::ordered_json::array();
  std::optional<pipeline::RunReport> last;
  for (size_t i = 0; i < intervals.size(); ++i) {
    request.day = intervals[i].day;
    request.hour = intervals[i].hour;
    last_day = i + 1 == intervals.size();
    bar.day(i + 1, intervals.size());
    request.command = command_for_day(invocation, request.day);
    if (request.hour) request.command += fmt::format(" --execution-hour {}", *request.hour);
    last = pipeline::run_day(request, engine, events);
    if (last->checks && !invocation.own<RunFlags>().show_rows) hide_rows(*last->checks);
    const bool is_whole = last->exit_code() == ExitCode::kDone && last_day;
    if (is_whole) bar.show(kWhole, "done");
    bar.finish();
    ended.add(*last);
    if (invocation.output_json) {
      documents.push_back(pipeline::to_json(*last));
    } else {
      print_report(*last);
    }
    if (last->exit_code() == ExitCode::kDone) continue;
    tell_what_is_left(invocation, request.day);
    break;
  }
  const ExitCode code = last->exit_code();
  stop::settle(code);
  if (invocation.output_json) {
    print_document(nlohmann::ordered_json{{"exit_code", static_cast<int>(code)}, {"runs", documents}});
  }
  if (code == ExitCode::kDone && last->published) {
    flush_out();  // what runs are waited for is told by now
    pipeline::look_after(engine, request, app::upkeep(settings));
  }
  if (last->error) {
    Invocation told = invocation;
    told.output_json = false;  // the document above says it already
    told.closes_log = false;
    return report(*last->error, told);
  }
  return static_cast<int>(code);
}

Command this_command() {
  constexpr int kMostDays = 3650;
  return {
      .name = "run",
      .rank = 10,
      .summary = "Curate one day, or each day of a range",
      .description =
          "Reads the day's raw files, transforms and deduplicates them, checks the result and publishes it as one commit that replaces the day's partition of the curated table. "
          "A failing check publishes nothing.",
      .examples = {"movies-etl run --execution-date 2021-01-01",
                   "movies-etl run --execution-date 2021-01-01..2021-01-07 --env staging",
                   "movies-etl run --execution-date 2021-01-01 --set data.raw.location=/data/raw --dry-run"},
      .flags = joined(
          Flag{
              .name = "--execution-date",
              .value = "DAY|FIRST..LAST",
              .help =
                  "The day to curate, or a range of days, done in order: each as YYYY-MM-DD, today, yesterday or today-N, which are days of UTC.",
              .store = store_days,
          },
          Flag{
              .name = "--catch-up",
              .value = "N",
              .help =
                  "Instead of one day: those of the last N days, up to yesterday, that need it, as `backfill --keep-going` finds them. One that has not landed is exit code 66.",
              .store = into(&RunFlags::catch_up, number_from(1, kMostDays)),
          },
          Flag{
              .name = "--execution-hour",
              .value = "HOUR|FIRST..LAST",
              .help = "The hour of the day, 0 to 23, or a range of hours, done in order: of a pipeline whose "
                      "source.path has {HH}.",
              .store = into(&RunFlags::hours, parse_hours),
          },
          pipeline_flag(), settings_flags(), engine_flags(), dry_run_flag(),
          Flag{
              .name = "--evolve",
              .help = "Adds new nullable columns to the table instead of refusing a changed schema.",
              .store = turns_on(&RunFlags::evolve),
          },
          Flag{
              .name = "--take-over",
              .help = "Writes a table that is another pipeline's; from then on it is this one's.",
              .store = turns_on(&RunFlags::take_over),
          },
          Flag{
              .name = "--wait",
              .value = "DURATION",
              .help =
                  "Waits so long for a day that has not landed, such as 30m or 2h, instead of ending with 66 at once.",
              .store = into(&RunFlags::wait, duration),
          },
          show_rows_flag(&RunFlags::show_rows), output_flag(), progress_flag()),
      .run = run_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli

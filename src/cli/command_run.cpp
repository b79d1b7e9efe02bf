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
#include "base/stop.h"
#include "cli/commands.h"
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
};

void print_report(const pipeline::RunReport& report) {
  if (!report.error) {
    write_out(pipeline::to_text(report, ::isatty(STDOUT_FILENO) != 0 && stderr_has_colour()));
    flush_out();
  }
}

int run_command(const Invocation& invocation) {
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
  engine::Engine& engine = chosen.get();
  Progress bar(shows_progress(invocation), stderr_has_colour());
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
  for (const Date& day : invocation.days) {
    request.day = day;
    last_day = day == invocation.days.back();
    last = pipeline::run_day(request, engine, events);
    bar.finish();
    if (invocation.output_json) {
      documents.push_back(pipeline::to_json(*last));
    } else {
      print_report(*last);
    }
    if (last->exit_code() != ExitCode::kDone) break;
  }
  const ExitCode code = last->exit_code();
  stop::settle(code);
  if (invocation.output_json) {
    print("{}\n", nlohmann::ordered_json{{"exit_code", static_cast<int>(code)}, {"runs", documents}}.dump(
                      2, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  if (last->error) {
    Invocation told = invocation;
    told.output_json = false;  // the document above says it already
    return report(*last->error, told);
  }
  return static_cast<int>(code);
}

Command this_command() {
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
              .help = "The day to curate, as YYYY-MM-DD, or a range of days, done in order.",
              .store = into(&Invocation::days, parse_days),
              .required = true,
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
          output_flag(), progress_flag()),
      .run = run_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli

// movies-etl runs list, movies-etl runs show
#include <chrono>
#include <filesystem>

#include "app/storage.h"
#include "base/duration.h"
#include "base/environment.h"
#include "base/unicode.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "pipeline/days/runs.h"

namespace metl::cli {
namespace {

using Json = nlohmann::ordered_json;

struct RunsFlags {
  std::chrono::system_clock::time_point since;
  std::string status;
  std::string run_id;
};

// A day, or so long ago.
std::chrono::system_clock::time_point moment(const std::string& text) {
  if (const auto ago = parse_duration(text)) return std::chrono::system_clock::now() - *ago;
  return parse_day(text).start();
}

pipeline::RecordPlace place_of(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  pipeline::RecordPlace out{settings.path("data.curated.location"),
                            std::filesystem::absolute(invocation.config_file).string(), settings.environment()};
  app::open_storage(&settings, process_variables(), {{"data.curated.location", out.curated_location}});
  return out;
}

int list_command(const Invocation& invocation) {
  const auto& own = invocation.own<RunsFlags>();
  auto runs = pipeline::runs_since(place_of(invocation), own.since);
  std::erase_if(runs, [&](const auto& run) {
    return !own.status.empty() && pipeline::text_at(run.record, "/status") != own.status;
  });
  if (invocation.output_json) {
    Json documents = Json::array();
    for (const auto& run : runs) documents.push_back(run.record);
    print_document(Json{{"runs", documents}});
    return 0;
  }
  print("{:<24}  {:<10}  {:<20}  {:<13}  {:>4}  {:>8}  {:>12}  {}\n", "run", "day", "pipeline", "status", "exit",
        "version", "rows", "cause");
  for (const auto& run : runs) {
    const std::string cause = pipeline::text_at(run.record, "/error/cause");
    print("{:<24}  {:<10}  {:<20}  {:<13}  {:>4}  {:>8}  {:>12}  {}{}\n", run.run_id,
          pipeline::text_at(run.record, "/execution_date"), pipeline::text_at(run.record, "/pipeline"),
          pipeline::text_at(run.record, "/status"), pipeline::text_at(run.record, "/exit_code"),
          pipeline::text_at(run.record, "/version"), pipeline::text_at(run.record, "/written/rows"), cause,
          run.waits ? " (not delivered yet)" : "");
  }
  return 0;
}

int show_command(const Invocation& invocation) {
  const auto run = pipeline::run_of(place_of(invocation), invocation.own<RunsFlags>().run_id);
  if (invocation.output_json) {
    print_document(run.record);
  } else {
    write_out(pipeline::to_text(run));
  }
  return 0;
}

Command list() {
  return {
      .name = "runs list",
      .rank = 16,
      .summary = "List the runs and how they ended",
      .description =
          "Reads the run records of the warehouse, newest first, and those that wait on this machine because they could not be written there.",
      .examples = {"movies-etl runs list", "movies-etl runs list --since 2021-01-01 --status failed --output json"},
      .flags = joined(settings_flags(),
                      Flag{
                          .name = "--since",
                          .value = "WHEN",
                          .help = "The oldest that are listed: a day, or an age such as 12h or 30d.",
                          .store = into(&RunsFlags::since, moment),
                          .default_text = "7d",
                      },
                      Flag{
                          .name = "--status",
                          .value = "STATUS",
                          .help = "Only those that ended so.",
                          .store = into(&RunsFlags::status),
                          .choices = {"published", "kept", "checks_failed", "failed"},
                      },
                      output_flag()),
      .run = list_command,
      .only_prints = true,
  };
}

Command show() {
  return {
      .name = "runs show",
      .rank = 17,
      .summary = "Show one run: steps, checks, samples, version, error",
      .description = "Prints the record of a run for people, or as it is with --output json.",
      .examples = {"movies-etl runs show 20210101T023000-1f2e3d4c"},
      .flags = joined(
          Flag{
              .name = "RUN",
              .value = "RUN",
              .help = "The run's id, as `runs list` shows it.",
              .store = into(&RunsFlags::run_id),
              .required = true,
          },
          settings_flags(), output_flag()),
      .run = show_command,
      .only_prints = true,
  };
}

const Registered kList{list};
const Registered kShow{show};

}  // namespace
}  // namespace metl::cli

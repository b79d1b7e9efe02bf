// movies-etl clean-staged
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/catalog.h"
#include "app/places.h"
#include "app/storage.h"
#include "base/environment.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "pipeline/staging_area.h"

namespace metl::cli {
namespace {

struct CleanStagedFlags {
  std::chrono::seconds older_than{};
};

int clean_staged_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  const std::string table =
      invocation.pipeline.empty()
          ? settings.get_string("data.curated.table")
          : app::target_table(settings,
                              pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline));
  const std::string root = app::open_catalog(settings)->location_of(table);
  app::open_storage(&settings, process_variables(), {{"the location of " + table, root}});
  const auto dead = pipeline::remove_dead_runs(root, invocation.own<CleanStagedFlags>().older_than, invocation.dry_run);
  pipeline::sweep_records(settings.path("data.curated.location"), invocation.dry_run);
  if (invocation.output_json) {
    nlohmann::ordered_json runs = nlohmann::ordered_json::array();
    for (const auto& one : dead) {
      runs.push_back({{"run_id", one.run.run_id},
                      {"partition", one.run.partition},
                      {"committed", one.committed},
                      {"unknown", one.unknown},
                      {"gone", one.gone},
                      {"files", one.files}});
    }
    print("{}\n",
          nlohmann::ordered_json{{"table", root}, {"dry_run", invocation.dry_run}, {"dead_runs", runs}}.dump(2));
    return 0;
  }
  for (const auto& one : dead) {
    const char* what = one.committed ? "had published; only its lease goes"
                       : one.unknown ? "the log does not say any more whether it published; all of it stays"
                       : one.gone    ? "died before it published"
                                     : "died before it published; what cannot be removed stays for the next time";
    print("{} of {}: {}\n", one.run.run_id, one.run.partition, what);
    for (const auto& file : one.files) print("  {}\n", file);
  }
  print("{}: {} dead runs{}\n", root, dead.size(), invocation.dry_run ? ", nothing removed (dry run)" : " cleaned up");
  return 0;
}

Command this_command() {
  return {
      .name = "clean-staged",
      .rank = 30,
      .summary = "Remove what dead runs left in the table's folder",
      .description =
          "Removes the staged files of runs that died before they published, and their leases. "
          "Files of living runs and of the table are never touched. "
          "In an object store, where a run on another machine cannot be seen dying, it counts as dead when its lease was not touched for --older-than; living runs touch theirs every minute.",
      .examples = {"movies-etl clean-staged --env live", "movies-etl clean-staged --older-than 2h --dry-run"},
      .flags = joined(
          settings_flags(), dry_run_flag(),
          Flag{
              .name = "--pipeline",
              .value = "NAME",
              .help = "The pipeline whose target.table is meant; without it the table of data.curated.table.",
              .store = into(&Invocation::pipeline),
          },
          Flag{
              .name = "--older-than",
              .value = "AGE",
              .help =
                  "Age of an untouched lease of a run that cannot be seen from here (another machine's, or in an object store), such as 90s, 30m or 2h.",
              .store = into(&CleanStagedFlags::older_than, duration),
              .default_text = "30m",
          },
          output_flag()),
      .run = clean_staged_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli

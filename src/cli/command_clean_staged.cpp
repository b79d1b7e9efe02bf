#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/catalog.h"
#include "app/places.h"
#include "app/storage.h"
#include "base/environment.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "pipeline/staging_area.h"

namespace metl::cli {

int clean_staged_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  const std::string table =
      invocation.pipeline.empty()
          ? settings.get_string("data.curated.table")
          : app::target_table(settings,
                              pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline));
  const std::string root = app::open_catalog(settings)->location_of(table);
  app::open_storage(&settings, process_variables(), {{"the location of " + table, root}});
  const auto dead = pipeline::remove_dead_runs(root, invocation.older_than, invocation.dry_run);
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
    const char* what = one.committed ? "had published; only its marker goes"
                       : one.unknown ? "the log does not say any more whether it published; all of it stays"
                       : one.gone    ? "died before it published"
                                     : "died before it published; what cannot be removed stays for the next time";
    print("{} of {}: {}\n", one.run.run_id, one.run.partition, what);
    for (const auto& file : one.files) print("  {}\n", file);
  }
  print("{}: {} dead runs{}\n", root, dead.size(), invocation.dry_run ? ", nothing removed (dry run)" : " cleaned up");
  return 0;
}

}  // namespace metl::cli

// movies-etl expire
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/storage.h"
#include "base/environment.h"
#include "base/json.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/unicode.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "pipeline/expire.h"

namespace metl::cli {
namespace {

using Json = nlohmann::ordered_json;

int expire_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  const stop::Listener stopping([] {});
  const bool json = invocation.output_json;
  bool first = true;
  // Told as they go: what an error leaves undone is then plain.
  const pipeline::ExpireRequest request{
      .place = {settings.path("data.curated.location"), std::filesystem::absolute(invocation.config_file).string(),
                settings.environment()},
      .retention = {.records = settings.duration("retention.records"),
                    .samples = settings.duration("retention.samples"),
                    .spool = settings.duration("retention.spool")},
      .dry_run = invocation.dry_run,
      .told = [&](const char* kind, const pipeline::KeptFile& file) {
        if (json) {
          const Json line{{"kind", kind}, {"path", file.path}, {"bytes", file.bytes}};
          print("{}\n    {}", first ? "{\n  \"files\": [" : ",", on_one_line(line));
        } else {
          print("{:<7}  {:>9}  {}\n", kind, text::human_bytes(file.bytes), text::printable(file.path));
        }
        first = false;
      }};
  app::open_storage(&settings, process_variables(), {{"data.curated.location", request.place.curated_location}});
  const pipeline::Expired done = pipeline::expire(request);
  if (json) {
    const Json summary{{"location", request.place.curated_location},
                       {"dry_run", invocation.dry_run},
                       {"files_removed", done.files},
                       {"bytes_removed", done.bytes}};
    print("{}{}],\n  {}\n", first ? "{\n  \"files\": [" : "", first ? "" : "\n  ", on_one_line(summary).substr(1));
    return 0;
  }
  if (request.retention.keeps_all()) {
    print("everything is kept: none of retention.records, retention.samples and retention.spool is set\n");
    return 0;
  }
  print("{}: {} files ({}) {}\n", request.place.curated_location, text::human_count(done.files),
        text::human_bytes(done.bytes), invocation.dry_run ? "would go; nothing removed (dry run)" : "removed");
  return 0;
}

Command this_command() {
  return {
      .name = "expire",
      .rank = 31,
      .summary = "Remove records and samples of runs that are older than they are to be kept",
      .description =
          "Removes records of runs, samples of failing rows and records that wait on this machine once they are older than the settings retention.records, retention.samples and retention.spool say. "
          "What has no such setting is kept. The table, its log and the history of measurements are never touched.",
      .examples = {"movies-etl expire --dry-run", "movies-etl expire --set retention.samples=30d"},
      .flags = joined(settings_flags(), dry_run_flag(), output_flag()),
      .run = expire_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli

// movies-etl vacuum
#include <nlohmann/json.hpp>
#include <optional>

#include "base/json.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/unicode.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/target.h"
#include "pipeline/quarantine_store.h"
#include "pipeline/vacuum.h"
#include "table/catalog/warehouse.h"

namespace metl::cli {
namespace {

struct VacuumFlags {
  std::optional<std::chrono::seconds> older_than;
  std::string reason;
  bool apply = false;
};

using Json = nlohmann::ordered_json;

int vacuum_command(const Invocation& invocation) {
  const auto& flags = invocation.own<VacuumFlags>();
  if (flags.apply && invocation.dry_run) throw Error(Cause::kUsage, "--apply and --dry-run contradict each other");
  const Target target = target_of(invocation);
  const table::Table table = newest_table(target);
  const stop::Listener stopping([] {});
  const bool json = invocation.output_json;
  bool first = true;
  // Files are told as they are found: there may be millions.
  const auto told = [&](const std::string& path, uint64_t bytes) {
    if (json) {
      print("{}\n    {}", first ? "{\n  \"files\": [" : ",", on_one_line(Json{{"path", path}, {"bytes", bytes}}));
    } else {
      print("{}\n", text::printable(path));
    }
    first = false;
  };
  pipeline::VacuumPlan plan{.pipeline = target.pipeline,
                            .table_name = target.table,
                            .older_than = flags.older_than,
                            .reason = flags.reason,
                            .apply = flags.apply};
  pipeline::VacuumReport report = pipeline::vacuum_table(table, plan, told);
  if (const auto quarantine = table::Table::open(pipeline::quarantine_root(target.root))) {
    plan.table_name += table::kQuarantineEnd;
    const auto more = pipeline::vacuum_table(*quarantine, plan, told).data;
    report.data.files += more.files;
    report.data.bytes += more.bytes;
    report.data.unknown += more.unknown;
  }
  if (json) {
    const Json summary{{"table", target.table},
                       {"location", target.root},
                       {"applied", flags.apply},
                       {"run_id", report.run_id},
                       {"kept_seconds", report.kept.count()},
                       {"data_files", report.data.files},
                       {"data_bytes", report.data.bytes},
                       {"log_files", report.log_files},
                       {"unknown_files", report.data.unknown}};
    print("{}{}],\n  {}\n", first ? "{\n  \"files\": [" : "", first ? "" : "\n  ", on_one_line(summary).substr(1));
    return 0;
  }
  print("{}: {} data files ({}) and {} files of the log {}\n", target.table, text::human_count(report.data.files),
        text::human_bytes(report.data.bytes), text::human_count(report.log_files),
        flags.apply ? "removed" : "would go; --apply removes them");
  if (report.data.unknown > 0)
    print("{} other files lie in the table's folder and stay: no writer of Delta tables names files so\n",
          text::human_count(report.data.unknown));
  return 0;
}

Command this_command() {
  return {
      .name = "vacuum",
      .rank = 49,
      .summary = "Remove files that no retained version of the table needs",
      .description =
          "Tells which data files no version of the last --older-than needs, and which entries of the log are older than delta.logRetentionDuration; with --apply removes them. "
          "Files of living runs, of unknown commits and of other programs that write no Delta tables stay.",
      .examples = {"movies-etl vacuum", "movies-etl vacuum --older-than 30d --apply",
                   "movies-etl vacuum --older-than 0s --force 'erasure request 12' --apply"},
      .flags = joined(
          pipeline_flag(), settings_flags(),
          Flag{
              .name = "--older-than",
              .value = "AGE",
              .help =
                  "Versions of the last AGE, such as 7d or 12h, are kept; delta.deletedFileRetentionDuration, or 7 days, if not given.",
              .store = into(&VacuumFlags::older_than, duration),
          },
          Flag{
              .name = "--apply",
              .help = "Removes the files; without it they are only told.",
              .store = turns_on(&VacuumFlags::apply),
          },
          Flag{
              .name = "--force",
              .value = "REASON",
              .help = "Why less is kept than the table's retention; goes into the table's history.",
              .store = into(&VacuumFlags::reason),
          },
          dry_run_flag(), output_flag()),
      .run = vacuum_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli

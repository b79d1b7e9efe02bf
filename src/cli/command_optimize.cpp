// movies-etl optimize
#include <nlohmann/json.hpp>

#include "app/catalog.h"
#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "app/run_request.h"
#include "base/json.h"
#include "base/text.h"
#include "base/unicode.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "pipeline/optimize.h"

namespace metl::cli {
namespace {

struct OptimizeFlags {
  table::Partition partition;
  int64_t target_bytes = 0;  // 0: write.target_file_size
  bool cluster = false;
};

using Json = nlohmann::ordered_json;
using Kind = pipeline::OptimizedPartition::Kind;

// Days, or "order_date=2021-01-01,country=DE".
void store_where(Invocation& out, const std::string& text) {
  if (text.find('=') == std::string::npos) {
    store_days(out, text);
    return;
  }
  for (const auto& one : text::split(text, ',')) {
    const auto [column, value] = name_and_value(one);
    out.own<OptimizeFlags>().partition[column] = value;
  }
}

int64_t size_of(const std::string& text) {
  const int64_t bytes = text::parse_bytes(text);
  if (bytes > 0) return bytes;
  throw Error(Cause::kUsage, fmt::format("'{}' is not a size", text), "Give one such as 128MB or 1GiB.");
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kDone:
      return "optimized";
    case Kind::kPlanned:
      return "planned";
    case Kind::kLeft:
      return "left";
    case Kind::kFailed:
      return "failed";
  }
  return "?";
}

// What the program ends with: a partition that cannot be read fails it, one that was lost to another writer only where
// nothing else was done.
ExitCode code_of(const pipeline::OptimizeReport& report) {
  if (report.count(Kind::kFailed) > 0) return ExitCode::kRunFailed;
  const bool lost = report.count(Kind::kLeft) > 0 && report.count(Kind::kDone) == 0;
  return lost ? ExitCode::kConflict : ExitCode::kDone;
}

Json json_of(const pipeline::OptimizedPartition& one) {
  Json files = Json::array();
  for (const auto& file : one.rewrite.files) files.push_back({{"path", file.path}, {"bytes", file.bytes}});
  Json out{{"partition", one.rewrite.partition},
           {"status", name_of(one.kind)},
           {"files", files},
           {"bytes", one.rewrite.bytes()},
           {"deletion_vectors", one.rewrite.vectors}};
  if (one.kind == Kind::kDone) {
    out["version"] = one.version;
    out["run_id"] = one.run_id;
    out["files_added"] = one.files_added;
    out["bytes_added"] = one.bytes_added;
    out["rows_purged"] = one.rows_purged;
  }
  if (!one.why.empty()) out["why"] = one.why;
  return out;
}

void print_text(const pipeline::OptimizedPartition& one) {
  const auto& rewrite = one.rewrite;
  const std::string name =
      rewrite.partition.empty() ? "the table" : text::printable(pipeline::predicate_of(rewrite.partition));
  const std::string files =
      fmt::format("{}: {} files ({})", name, text::human_count(static_cast<int64_t>(rewrite.files.size())),
                  text::human_bytes(rewrite.bytes()));
  switch (one.kind) {
    case Kind::kDone:
      print("{} became {} ({}) in version {}\n", files, one.files_added, text::human_bytes(one.bytes_added),
            one.version);
      break;
    case Kind::kPlanned:
      print("{} would be written again:\n", files);
      for (const auto& file : rewrite.files) print("  {}\n", text::printable(file.path));
      break;
    case Kind::kLeft:
    case Kind::kFailed:
      print("{} stay as they are: {}\n", files, text::printable(one.why));
      break;
  }
}

int optimize_command(const Invocation& invocation) {
  const auto& flags = invocation.own<OptimizeFlags>();
  const config::Settings settings = load_settings(invocation);
  const auto catalog = app::open_catalog(settings);
  const auto definition = pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline);
  pipeline::OptimizeRequest request{
      .run = app::run_request(settings, definition, *catalog, Date::of(std::chrono::system_clock::now())),
      .days = std::nullopt,
      .partition = flags.partition,
      .cluster = flags.cluster};
  request.run.table_root = app::table_root(settings, request.run);
  request.run.dry_run = invocation.dry_run;
  if (!invocation.days.empty()) request.days.emplace(invocation.days.front(), invocation.days.back());
  if (flags.target_bytes > 0) request.run.target_bytes = static_cast<uint64_t>(flags.target_bytes);
  const app::TimeLimit limit(invocation.timeout);
  app::ChosenEngine chosen(&settings, app::locations(settings, request.run));
  const pipeline::OptimizeReport report = pipeline::optimize(chosen.get(), request);
  if (invocation.output_json) {
    Json partitions = Json::array();
    for (const auto& one : report.partitions) partitions.push_back(json_of(one));
    print_document(Json{{"table", request.run.table},
                        {"location", request.run.table_root},
                        {"dry_run", invocation.dry_run},
                        {"partitions", partitions}});
  } else {
    for (const auto& one : report.partitions) print_text(one);
    if (report.partitions.empty())
      print("nothing to do: no partition has files that would become fewer or other ones\n");
  }
  return static_cast<int>(code_of(report));
}

Command this_command() {
  return {
      .name = "optimize",
      .rank = 48,
      .summary = "Make many small files of the table into few, and apply deletion vectors",
      .description =
          "Writes the rows of small files, and of files with deleted rows, again as files of about the target size, in the order of target.cluster_by: "
          "each partition in a commit of its own that changes no data. A partition that somebody else changes meanwhile is left for the next time. "
          "What it made is not made again.",
      .examples = {"movies-etl optimize --dry-run", "movies-etl optimize --where 2021-01-01..2021-01-31",
                   "movies-etl optimize --where country=DE --cluster"},
      .flags = joined(
          Flag{
              .name = "--where",
              .value = "PARTITIONS",
              .help =
                  "Only these: a day or FIRST..LAST, as `run` takes them, or column=value, several of them separated by commas.",
              .store = store_where,
          },
          Flag{
              .name = "--target-size",
              .value = "SIZE",
              .help =
                  "Size of the new files, such as 128MB; write.target_file_size if not given. Less than half of it is small.",
              .store = into(&OptimizeFlags::target_bytes, size_of),
          },
          Flag{
              .name = "--cluster",
              .help =
                  "Also partitions of large files: all rows of a partition are sorted by target.cluster_by together.",
              .store = turns_on(&OptimizeFlags::cluster),
          },
          pipeline_flag(), settings_flags(), engine_flags(), dry_run_flag(), output_flag()),
      .run = optimize_command,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli

// movies-etl history
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/time.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/output.h"
#include "cli/target.h"
#include "table/history.h"

namespace metl::cli {
namespace {

struct HistoryFlags {
  std::string partition;
  uint64_t limit = 0;
};

using Json = nlohmann::ordered_json;

bool touches(const table::HistoryEntry& entry, const std::string& value) {
  if (value.empty()) return true;
  return std::any_of(entry.partitions.begin(), entry.partitions.end(), [&](const table::Partition& partition) {
    return std::any_of(partition.begin(), partition.end(), [&](const auto& one) {
      return one.second == value || fmt::format("{}={}", one.first, one.second) == value;
    });
  });
}

Json json_of(const table::Moved& moved) {
  Json out{{"files", moved.files}, {"bytes", moved.bytes}};
  out["rows"] = moved.rows < 0 ? Json() : Json(moved.rows);
  return out;
}

Json json_of(const table::HistoryEntry& entry) {
  const Json metadata = Json::parse(entry.user_metadata, nullptr, false);
  return {{"version", entry.version},
          {"time", iso_utc(entry.millis)},
          {"operation", entry.operation},
          {"parameters", entry.parameters},
          {"metrics", entry.metrics},
          {"program", entry.program},
          {"user", entry.user},
          {"run_id", entry.run_id},
          {"partitions", entry.partitions},
          {"added", json_of(entry.in)},
          {"removed", json_of(entry.out)},
          {"metadata", metadata.is_discarded() ? Json(entry.user_metadata) : metadata}};
}

std::string rows_text(const table::Moved& moved) {
  return moved.files == 0 ? "-" : moved.rows < 0 ? "?" : text::human_count(moved.rows);
}

std::string bytes_text(const table::Moved& moved) {
  return moved.files == 0 ? "-" : text::human_bytes(static_cast<uint64_t>(std::max<int64_t>(moved.bytes, 0)));
}

std::string partitions_text(const table::HistoryEntry& entry) {
  constexpr size_t kShown = 2;
  std::vector<std::string> names;
  for (const auto& partition : entry.partitions) {
    for (const auto& [column, value] : partition) {
      if (names.size() < kShown) names.push_back(fmt::format("{}={}", column, value));
    }
  }
  const size_t more = entry.partitions.size() > kShown ? entry.partitions.size() - kShown : 0;
  return fmt::format("{}{}", fmt::join(names, " "), more == 0 ? "" : fmt::format(" and {} more", more));
}

int history_command(const Invocation& invocation) {
  const Target target = target_of(invocation);
  const auto& flags = invocation.own<HistoryFlags>();
  newest_table(target);
  std::vector<table::HistoryEntry> entries;
  table::visit_history(target.root, [&](const table::HistoryEntry& entry) {
    if (touches(entry, flags.partition)) entries.push_back(entry);
    return entries.size() < flags.limit;
  });
  if (invocation.output_json) {
    Json versions = Json::array();
    for (const auto& entry : entries) versions.push_back(json_of(entry));
    const Json document{{"table", target.table}, {"location", target.root}, {"versions", versions}};
    print_document(document);
    return 0;
  }
  print("{:>7}  {:<24}  {:<12}  {:>13}  {:>9}  {:>13}  {:>9}  {:<24}  {}\n", "VERSION", "TIME", "OPERATION", "ROWS IN",
        "BYTES", "ROWS OUT", "BYTES", "RUN OR PROGRAM", "PARTITIONS");
  for (const auto& entry : entries) {
    print("{:>7}  {:<24}  {:<12}  {:>13}  {:>9}  {:>13}  {:>9}  {:<24}  {}\n", entry.version, iso_utc(entry.millis),
          entry.operation, rows_text(entry.in), bytes_text(entry.in), rows_text(entry.out), bytes_text(entry.out),
          entry.run_id.empty() ? entry.program : entry.run_id, partitions_text(entry));
  }
  return 0;
}

Command this_command() {
  return {
      .name = "history",
      .rank = 42,
      .summary = "Tell what became of the table, version by version",
      .description =
          "Lists the versions that the table's log still has, the newest first: when, which operation, by which run or program, and the rows and bytes that came in and went out. "
          "Versions of other programs are told too.",
      .examples = {"movies-etl history --limit 5", "movies-etl history --partition 2021-01-01 --output json"},
      .flags = joined(pipeline_flag(), settings_flags(),
                      Flag{
                          .name = "--partition",
                          .value = "VALUE",
                          .help = "Only versions that changed this partition: 2021-01-01, or run_date=2021-01-01.",
                          .store = into(&HistoryFlags::partition),
                      },
                      Flag{
                          .name = "--limit",
                          .value = "N",
                          .help = "So many versions at most.",
                          .store = into(&HistoryFlags::limit, number_from<uint64_t>(1)),
                          .default_text = "20",
                      },
                      output_flag()),
      .run = history_command,
      .only_prints = true,
  };
}

const Registered kRegistered{this_command};

}  // namespace
}  // namespace metl::cli

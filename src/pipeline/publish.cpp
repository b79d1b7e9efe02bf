#include "pipeline/publish.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "pipeline/compaction.h"
#include "pipeline/logged_files.h"
#include "pipeline/made_of.h"
#include "pipeline/ownership.h"

namespace metl::pipeline {
namespace {

constexpr int kAttempts = 5;        // commits tried against other runs of the same partitions
constexpr size_t kSmallFiles = 50;  // that make a compaction worth it

table::Partition partition_of(const Publication& what) { return what.pipeline.run_partition(what.interval); }

// Agrees with the pipeline, and is its own.
table::Table open_or_create(const Publication& what) {
  for (int attempt = 0;; ++attempt) {
    std::optional<table::Table> table;
    if (what.base) {
      table = what.base->refreshed();
    } else {
      table = table::Table::open(what.table_root);
    }
    // Somebody else's table, when that was made a moment earlier.
    if (!table) table = table::Table::create(what.table_root, table_spec(what.pipeline));
    claim(*table, what.pipeline.name, what.take_over);
    const Agreement now = require_agreement(*table, what.pipeline, what.evolve);
    if (now.text() != what.agreement.text()) {
      throw Error(Cause::kConflict,
                  fmt::format("the columns of the table at {} changed while the day was staged", what.table_root),
                  "Run again.");
    }
    if (now.added.empty()) return std::move(*table);
    if (attempt >= kAttempts)
      throw Error(Cause::kConflict, "other commits kept the table's columns from being added", "Run again.");
    if (table->add_columns(now.added)) log::info("added {} columns to the table", now.added.size());
  }
}

// As Spark and delta-rs say it in DESCRIBE HISTORY.
std::map<std::string, std::string> parameters_of(const Publication& what) {
  const Definition& pipeline = what.pipeline;
  if (pipeline.mode == WriteMode::kMerge) {
    std::vector<std::string> same;
    for (const auto& name : pipeline.merge_key) same.push_back(fmt::format("t.{0} <=> s.{0}", name));
    return {{"predicate", fmt::format("[\"({})\"]", fmt::join(same, " AND "))}};
  }
  std::map<std::string, std::string> out{{"mode", pipeline.mode == WriteMode::kAppend ? "Append" : "Overwrite"},
                                         {"partitionBy", nlohmann::json(pipeline.partition_columns).dump()}};
  if (pipeline.replaces_its_day()) out["predicate"] = predicate_of(partition_of(what));
  return out;
}

table::Change change_of(const Publication& what, std::vector<table::PartitionChange> partitions) {
  return {.partitions = std::move(partitions),
          .run_id = what.run_id,
          .app_id = fmt::format("movies-etl:{}:{}", what.table_name, what.interval.text()),
          .operation = what.pipeline.mode == WriteMode::kMerge ? "MERGE" : "WRITE",
          .operation_parameters = parameters_of(what),
          .operation_metrics = {},
          .user_metadata = {}};
}

std::string hint_of_unknown(const std::string& root) {
  return fmt::format(
      "The staged files were kept: they may be part of the table. See whether {}/_delta_log can be read, then run "
      "again; the next "
      "run finds out and cleans up.",
      root);
}

// After a lost race: what was placed on the version that is no longer the newest. What was staged stays.
std::vector<std::string> unneeded(const Publication& what, const std::vector<engine::DataFile>& files) {
  std::vector<std::string> out;
  if (what.pipeline.replaces_its_day()) return out;
  for (const auto& file : files) out.push_back(file.path);
  return out;
}

bool is_set(const table::Table& table, const std::string& property) {
  const auto found = table.properties().find(property);
  return found != table.properties().end() && found->second == "true";
}

// The run's partition, when it holds many small files.
void compact_day(engine::Engine& engine, const Publication& what, const engine::WriteOptions& layout,
                 const table::Table& table) {
  if (is_set(table, "delta.enableRowTracking")) return;  // the rows would lose their identities
  const Definition& pipeline = what.pipeline;
  for (const auto& rewrite :
       rewrites_of(table.files(partition_of(what), table::Table::Statistics::kLeft), pipeline.partition_columns,
                   layout.cluster_by, {.target_bytes = layout.target_bytes})) {
    if (rewrite.small < kSmallFiles) continue;
    const Compaction how{
        .table = table, .pipeline = pipeline, .layout = layout, .run_id = what.run_id + "-compact", .automatic = true};
    const Compacted done = compact(engine, how, rewrite);
    if (done.outcome.kind != table::CommitOutcome::Kind::kCommitted) continue;
    log::info("compacted {} files of the partition into {} (version {})", rewrite.files.size(), done.files,
              done.outcome.version);
  }
}

}  // namespace

std::string staging_folder(const Definition& pipeline, const source::Interval& interval, const std::string& run_id) {
  if (!pipeline.replaces_its_day()) return table::own_folder(run_id);
  const auto values = pipeline.run_partition(interval);
  std::vector<std::string> parts;
  for (const auto& column : pipeline.partition_columns)
    parts.push_back(fmt::format("{}={}", column, values.at(column)));
  return fmt::format("{}", fmt::join(parts, "/"));
}

PartitionFiles whole_day(const Publication& what, std::vector<engine::DataFile> staged) {
  return {partition_of(what), std::move(staged), std::nullopt};
}

Published publish(const Publication& what, StagingArea& staging, const Arrange& arrange,
                  std::optional<stop::Hold>& whole) {
  for (int attempt = 1;; ++attempt) {
    whole.emplace(stop::Hold::For::kCommit);  // no table is made for a run that then ends
    const auto table = std::make_shared<const table::Table>(open_or_create(what));
    whole.reset();
    Arrangement now = arrange(*table, attempt);
    std::vector<engine::DataFile> files;
    std::vector<table::PartitionChange> partitions;
    for (auto& one : now.partitions) {
      partitions.push_back(
          {one.partition, logged_files(*table, what.pipeline.file_columns(), staging, one.add), one.remove});
      files.insert(files.end(), std::make_move_iterator(one.add.begin()), std::make_move_iterator(one.add.end()));
    }
    whole.emplace(stop::Hold::For::kCommit);
    staging.require_held(files);
    what.require_input();
    table::Change change = change_of(what, std::move(partitions));
    change.operation_metrics = now.metrics;
    change.user_metadata = now.user_metadata;
    change.marks = now.marks;
    change.version_mark = version_mark_of(what.interval.day);
    change.properties = claim(*table, what.pipeline.name, what.take_over);
    change.properties.merge(now.properties);
    const auto outcome = table->commit(change);
    switch (outcome.kind) {
      case table::CommitOutcome::Kind::kCommitted:
        staging.keep();
        return {outcome.version, std::max<int64_t>(outcome.files_replaced, 0), table};
      case table::CommitOutcome::Kind::kUnknown:
        staging.abandon();
        throw Error(Cause::kUnknownOutcome,
                    fmt::format("it is unknown whether the commit happened: {}", outcome.detail),
                    hint_of_unknown(what.table_root));
      case table::CommitOutcome::Kind::kConflict:
        if (attempt == kAttempts) {
          throw Error(Cause::kConflict,
                      fmt::format("another run changed this partition at the same time: {}", outcome.detail),
                      "Its result stands; this run published nothing. Run again.");
        }
        log::info("another run changed the partition meanwhile ({}); trying on the new version", outcome.detail);
        staging.discard(unneeded(what, files));
    }
  }
}

void upkeep(engine::Engine& engine, const Publication& what, const engine::WriteOptions& layout,
            const Published& published, size_t files) {
  const auto due = [](uint64_t version, const table::Table& table) {
    return version - std::min(version, table.checkpoint_version()) >= table.checkpoint_interval();
  };
  // The partition holds what this run published, and checkpoints only become more: most runs need not look.
  if (!due(published.version, *published.table) && files < kSmallFiles) return;
  try {
    table::Table table = published.table->refreshed();
    if (what.pipeline.replaces_its_day() && files >= kSmallFiles && is_set(table, "delta.autoOptimize.autoCompact")) {
      compact_day(engine, what, layout, table);
      table = table.refreshed();
    }
    if (due(table.version(), table)) table.checkpoint();
  } catch (const std::exception& e) {
    log::warning("the day is published, but the table's upkeep failed: {}", e.what());
  }
}

}  // namespace metl::pipeline

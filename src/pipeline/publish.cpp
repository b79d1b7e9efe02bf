#include "pipeline/publish.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "pipeline/ownership.h"
#include "sql/names.h"
#include "table/statistics.h"

namespace metl::pipeline {
namespace {

constexpr int kAttempts = 5;        // commits tried against other runs of the same day
constexpr size_t kSmallFiles = 50;  // that make a compaction worth it

std::map<std::string, std::string> partition_of(const Publication& what) {
  return {{what.pipeline.partition_column, what.day.iso()}};
}

std::vector<table::File> log_files(const table::Table& table, const Publication& what, const StagingArea& staging,
                                   const std::vector<engine::DataFile>& files) {
  std::vector<table::File> out;
  const auto indexed = table.statistics_columns();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (const auto& file : files) {
    out.push_back({staging.relative(file.path), file.bytes, file.rows,
                   std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
                   table::delta_stats(file.rows, file.stats, what.pipeline.staged_columns(), indexed)});
  }
  return out;
}

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

table::Change change_of(const Publication& what, std::vector<table::File> files) {
  return {.partitions = {{partition_of(what), std::move(files)}},
          .run_id = what.run_id,
          .app_id = fmt::format("movies-etl:{}:{}", what.table_name, what.day.iso()),
          .operation = "WRITE",
          .operation_parameters = {{"mode", "Overwrite"},
                                   {"partitionBy", fmt::format("[\"{}\"]", what.pipeline.partition_column)},
                                   {"predicate",
                                    fmt::format("({} = '{}')", what.pipeline.partition_column, what.day.iso())}},
          .operation_metrics = what.metrics,
          .user_metadata = what.user_metadata};
}

std::string hint_of_unknown(const std::string& root) {
  return fmt::format(
      "The staged files were kept: they may be part of the table. See whether {}/_delta_log can be read, then run "
      "again; the next "
      "run finds out and cleans up.",
      root);
}

bool is_set(const table::Table& table, const std::string& property) {
  const auto found = table.properties().find(property);
  return found != table.properties().end() && found->second == "true";
}

void compact(engine::Engine& engine, const Publication& what, const engine::WriteOptions& layout,
             const table::Table& table) {
  if (is_set(table, "delta.enableRowTracking")) return;  // the rows would lose their identities
  const auto live = table.files(partition_of(what));
  std::vector<std::string> paths;
  size_t small = 0;
  for (const auto& file : live) {
    if (file.deletion_vector) return;  // another engine's: plain reading would bring its deleted rows back
    if (file.path.starts_with('/') || file.path.find(":/") != std::string::npos) return;  // a clone's, of another table
    paths.push_back(fmt::format("{}/{}", what.table_root, file.path));
    if (file.bytes < layout.target_bytes / 2) ++small;
  }
  if (small < kSmallFiles) return;
  Publication again = what;
  again.run_id = what.run_id + "-compact";
  StagingArea staging(what.table_root, partition_folder(what.pipeline, what.day), again.run_id,
                      static_cast<int64_t>(table.version()));
  engine.create_view("compacted", what.pipeline.staged_columns(), {{paths, {}}});
  engine::WriteOptions options = layout;
  options.folder = staging.folder();
  options.name_prefix = staging.name_prefix();
  std::vector<std::string> order;
  for (const auto& name : layout.cluster_by) order.push_back(sql::identifier(name) + " NULLS FIRST");
  const auto files = engine.write(fmt::format("SELECT * FROM compacted{}",
                                              order.empty() ? "" : fmt::format(" ORDER BY {}", fmt::join(order, ", "))),
                                  options, {});
  staging.make_durable(files);
  table::Change change = change_of(again, log_files(table, again, staging, files));
  change.operation = "OPTIMIZE";
  change.operation_parameters = {
      {"predicate", fmt::format("[\"({} = '{}')\"]", what.pipeline.partition_column, what.day.iso())},
      {"auto", "true"}};
  change.operation_metrics = {{"numRemovedFiles", fmt::format("{}", live.size())},
                              {"numAddedFiles", fmt::format("{}", files.size())}};
  change.data_change = false;
  stop::check();
  const stop::Hold whole(stop::Hold::For::kCommit);
  staging.require_held(files);
  const auto outcome = table.commit(change);
  if (outcome.kind == table::CommitOutcome::Kind::kCommitted) {
    staging.keep();
    log::info("compacted {} files of the partition into {} (version {})", live.size(), files.size(), outcome.version);
  } else if (outcome.kind == table::CommitOutcome::Kind::kUnknown) {
    staging.abandon();
  }
}

}  // namespace

std::string partition_folder(const Definition& pipeline, const Date& day) {
  return fmt::format("{}={}", pipeline.partition_column, day.iso());
}

Published publish(const Publication& what, StagingArea& staging, const std::vector<engine::DataFile>& files) {
  for (int attempt = 1;; ++attempt) {
    const auto table = std::make_shared<const table::Table>(open_or_create(what));
    staging.require_held(files);
    what.require_input();
    table::Change change = change_of(what, log_files(*table, what, staging, files));
    change.properties = claim(*table, what.pipeline.name, what.take_over);
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
    if (files >= kSmallFiles && is_set(table, "delta.autoOptimize.autoCompact")) {
      compact(engine, what, layout, table);
      table = table.refreshed();
    }
    if (due(table.version(), table)) table.checkpoint();
  } catch (const std::exception& e) {
    log::warning("the day is published, but the table's upkeep failed: {}", e.what());
  }
}

}  // namespace metl::pipeline

#include "pipeline/compaction.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/stop.h"
#include "pipeline/datasets.h"
#include "pipeline/logged_files.h"
#include "pipeline/placement.h"
#include "pipeline/staging_area.h"
#include "sql/names.h"
#include "storage/store.h"
#include "table/lease.h"

#ifndef METL_VERSION
#error "METL_VERSION must be defined"
#endif

namespace metl::pipeline {
namespace {

// Tags of the files that a compaction wrote.
constexpr const char* kRunId = "movies-etl.runId";
constexpr const char* kTargetBytes = "movies-etl.targetBytes";
constexpr const char* kSortedBy = "movies-etl.sortedBy";  // where all rows of the partition went into one order

std::string sorted_by(const std::vector<std::string>& columns) { return nlohmann::json(columns).dump(); }

std::string tag(const table::File& file, const char* name) {
  const auto found = file.tags.find(name);
  return found == file.tags.end() ? "" : found->second;
}

bool is_elsewhere(const table::File& file) {
  return file.path.starts_with('/') || file.path.find(":/") != std::string::npos;
}

// Where the rows of a small file come from. Those of one compaction that wanted files as large as these are to be are
// not made larger by doing it again.
std::string origin_of(const table::File& file, uint64_t target_bytes) {
  const std::string meant = tag(file, kTargetBytes);
  const bool known = !meant.empty() && meant.size() < 20 &&
                     std::all_of(meant.begin(), meant.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return known && std::stoull(meant) >= target_bytes ? tag(file, kRunId) : file.path;
}

// Whether one compaction put all rows of the partition in this order, and nothing came since.
bool is_in_order(const std::vector<table::File>& files, const std::vector<std::string>& cluster_by) {
  const std::string run_id = tag(files.front(), kRunId);
  return !run_id.empty() && std::all_of(files.begin(), files.end(), [&](const table::File& file) {
    return tag(file, kRunId) == run_id && tag(file, kSortedBy) == sorted_by(cluster_by);
  });
}

bool is_plain(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.');
  });
}

// The partition's own folder where its name says the same in every file system and store.
std::string staging_folder_of(const Definition& pipeline, const table::Partition& partition,
                              const std::string& run_id) {
  for (const auto& column : pipeline.partition_columns) {
    const std::string& value = partition.at(column);
    if (!is_plain(column) || !(value.empty() || is_plain(value))) return table::own_folder(run_id);
  }
  const std::string out = folder_below(pipeline, partition);
  return out.empty() ? table::own_folder(run_id) : out.substr(1);
}

class Compacting {
 public:
  Compacting(engine::Engine& engine, const Compaction& what, const Rewrite& rewrite)
      : engine_(engine),
        what_(what),
        rewrite_(rewrite),
        staged_in_(staging_folder_of(what.pipeline, rewrite.partition, what.run_id)),
        staging_(what.table.root(), staged_in_, what.run_id, static_cast<int64_t>(what.table.version())) {}

  Compacted run() {
    write();
    staging_.make_durable(written_);
    const table::Change change = change_of();
    stop::check();
    const stop::Hold whole(stop::Hold::For::kCommit);
    staging_.require_held(written_);
    out_.outcome = what_.table.commit(change);
    if (out_.outcome.kind == table::CommitOutcome::Kind::kCommitted) staging_.keep();
    if (out_.outcome.kind == table::CommitOutcome::Kind::kUnknown) staging_.abandon();
    return out_;
  }

 private:
  void write() {
    engine::FileGroup group;
    for (const auto& file : rewrite_.files) {
      engine::FileGroup one = group_of(what_.table, file);
      group.paths.push_back(one.paths.front());
      for (const auto& deleted : one.deleted_rows) out_.purged += static_cast<int64_t>(deleted.second.size());
      group.deleted_rows.merge(one.deleted_rows);
    }
    int64_t rows = -out_.purged;
    for (const auto& file : engine_.inspect(group.paths)) rows += file.rows;
    const std::string view = engine_.create_view("metl_compacted", what_.pipeline.file_columns(), {group});
    engine::WriteOptions options = what_.layout;
    options.folder = staging_.folder();
    if (staged_in_ == table::own_folder(what_.run_id))
      options.folder += folder_below(what_.pipeline, rewrite_.partition);
    storage::make_folder(options.folder);
    options.name_prefix = staging_.name_prefix();
    for (auto& file :
         engine_.write(fmt::format("SELECT * FROM {}{}", view, sql::order_by(options.cluster_by)), options, {})) {
      if (file.rows == 0) {
        staging_.discard({file.path});
        continue;
      }
      out_.rows += file.rows;
      out_.bytes += file.bytes;
      written_.push_back(std::move(file));
    }
    out_.files = static_cast<int64_t>(written_.size());
    if (out_.rows == rows) return;
    throw Error(
        Cause::kInternal,
        fmt::format("the rows do not add up: the files have {} live rows, and {} were written", rows, out_.rows),
        "Nothing was changed. Please report this with the table's log.");
  }

  table::Change change_of() const {
    table::PartitionChange change{rewrite_.partition,
                                  logged_files(what_.table, what_.pipeline.file_columns(), staging_, written_),
                                  std::vector<std::string>()};
    for (auto& file : change.add) {
      file.tags = {{kRunId, what_.run_id}, {kTargetBytes, fmt::format("{}", what_.layout.target_bytes)}};
      if (rewrite_.whole && !what_.layout.cluster_by.empty()) file.tags[kSortedBy] = sorted_by(what_.layout.cluster_by);
    }
    for (const auto& file : rewrite_.files) change.remove->push_back(file.path);
    std::vector<std::string> predicates;
    if (!rewrite_.partition.empty()) predicates.push_back(predicate_of(rewrite_.partition));
    table::Change out{.partitions = {},
                      .run_id = what_.run_id,
                      .app_id = "",  // of a partition that somebody else changes meanwhile, its files tell
                      .operation = "OPTIMIZE",
                      .operation_parameters = {{"predicate", nlohmann::json(predicates).dump()},
                                               {"auto", what_.automatic ? "true" : "false"}},
                      .operation_metrics = {{"numRemovedFiles", fmt::format("{}", rewrite_.files.size())},
                                            {"numRemovedBytes", fmt::format("{}", rewrite_.bytes())},
                                            {"numAddedFiles", fmt::format("{}", out_.files)},
                                            {"numAddedBytes", fmt::format("{}", out_.bytes)},
                                            {"numDeletionVectorsRemoved", fmt::format("{}", rewrite_.vectors)}},
                      .user_metadata = nlohmann::ordered_json{{"run_id", what_.run_id},
                                                              {"program", "movies-etl " METL_VERSION},
                                                              {"pipeline", what_.pipeline.name}}
                                           .dump(),
                      .data_change = false};
    out.partitions.push_back(std::move(change));
    return out;
  }

  engine::Engine& engine_;
  const Compaction& what_;
  const Rewrite& rewrite_;
  std::string staged_in_;  // below the table's folder
  StagingArea staging_;
  std::vector<engine::DataFile> written_;
  Compacted out_;
};

}  // namespace

uint64_t Rewrite::bytes() const {
  uint64_t out = 0;
  for (const auto& file : files) out += file.bytes;
  return out;
}

std::vector<Rewrite> rewrites_of(const std::vector<table::File>& live,
                                 const std::vector<std::string>& partition_columns,
                                 const std::vector<std::string>& cluster_by, const CompactionRules& rules) {
  std::map<table::Partition, std::vector<table::File>> partitions;
  for (const auto& file : live) {
    table::Partition partition;
    for (const auto& column : partition_columns) {
      const auto value = file.partition.find(column);
      partition[column] = value == file.partition.end() ? "" : value->second;
    }
    partitions[partition].push_back(file);
  }
  std::vector<Rewrite> out;
  for (auto& [partition, files] : partitions) {
    if (std::any_of(files.begin(), files.end(), is_elsewhere)) continue;
    Rewrite one;
    one.partition = partition;
    std::set<std::string> origins;
    for (const auto& file : files) {
      const bool small = file.bytes < rules.target_bytes / 2;
      one.vectors += file.deletion_vector ? 1 : 0;
      one.small += small ? 1 : 0;
      if (small) origins.insert(origin_of(file, rules.target_bytes));
      if (small || file.deletion_vector) one.files.push_back(file);
    }
    const bool due = one.vectors > 0 || origins.size() > 1;
    if (!due && (!rules.cluster || is_in_order(files, cluster_by))) continue;
    if (rules.cluster) one.files = files;
    one.whole = one.files.size() == files.size();
    out.push_back(std::move(one));
  }
  return out;
}

std::string predicate_of(const table::Partition& partition) {
  std::vector<std::string> equal;
  for (const auto& [column, value] : partition) {
    equal.push_back(value.empty() ? fmt::format("({} IS NULL)", column)
                                  : fmt::format("({} = {})", column, sql::literal(value)));
  }
  return fmt::format("{}", fmt::join(equal, " AND "));
}

void require_compactable(const table::Table& table) {
  const auto tracking = table.properties().find("delta.enableRowTracking");
  if (tracking == table.properties().end() || tracking->second != "true") return;
  throw Error(Cause::kNotSupported,
              fmt::format("the table at {} tracks its rows (delta.enableRowTracking), and rows in other files would "
                          "lose their identities",
                          table.root()),
              "Compact it with the engine that tracks them.");
}

Compacted compact(engine::Engine& engine, const Compaction& what, const Rewrite& rewrite) {
  return Compacting(engine, what, rewrite).run();
}

}  // namespace metl::pipeline

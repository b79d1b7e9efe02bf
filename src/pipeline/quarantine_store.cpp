#include "pipeline/quarantine_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "base/error.h"
#include "base/location.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "pipeline/made_of.h"
#include "pipeline/ownership.h"
#include "pipeline/quarantine_carry.h"
#include "sql/names.h"
#include "storage/store.h"
#include "table/catalog/warehouse.h"
#include "table/lease.h"
#include "table/statistics.h"

namespace metl::pipeline {
namespace {

constexpr const char* kProperty = "movies-etl.quarantine";
constexpr std::string_view kMarks = "movies-etl/quarantine/";
constexpr int kAttempts = 5;

std::string mark_name(const table::Partition& day) {
  std::vector<std::string> parts;
  for (const auto& [column, value] : day) parts.push_back(fmt::format("{}={}", text::to_lower(column), value));
  return fmt::format("{}{}", kMarks, fmt::join(parts, "/"));
}

const Type& text_type() {
  static const Type kText = *parse_type("string");
  return kText;
}

// In the files; the raw values as they came, so none of them is required.
Schema file_columns(const Definition& pipeline) {
  Schema out;
  for (const auto& column : pipeline.source.contents.columns) out.push_back({column.name, column.type, true, ""});
  out.push_back({kChecksColumn, text_type(), true, "The checks that call the row bad"});
  out.push_back({kFileColumn, text_type(), true, "The raw file that it came in"});
  return out;
}

table::TableSpec spec_of(const Definition& pipeline) {
  table::TableSpec out{file_columns(pipeline), {}, {{kOwnerProperty, pipeline.name}}};
  for (const auto& name : pipeline.partition_columns) {
    out.columns.push_back(*find_field(pipeline.target_columns, name));
    out.partition_columns.push_back(name);
  }
  out.columns.push_back({kSetAsideBy, text_type(), true, "The run that set it aside"});
  out.partition_columns.emplace_back(kSetAsideBy);
  return out;
}

void require_same_types(const table::Table& table, const table::TableSpec& wanted) {
  std::vector<std::string> differences;
  for (const auto& column : wanted.columns) {
    const Field* found = find_field(table.columns(), column.name);
    if (found != nullptr && found->type != column.type) {
      differences.push_back(fmt::format("column '{}' is {} there and {} in the source", column.name,
                                        type_name(found->type), type_name(column.type)));
    }
  }
  if (differences.empty()) return;
  throw Error(
      Cause::kConfiguration,
      fmt::format("the quarantine at {} holds rows of another source: {}", table.root(), fmt::join(differences, "; ")),
      "Replay what it holds with the pipeline of before, then remove the folder; the next run makes it anew.");
}

table::Table open_or_create(const Definition& pipeline, const std::string& root) {
  const table::TableSpec wanted = spec_of(pipeline);
  for (int attempt = 0;; ++attempt) {
    std::optional<table::Table> table = table::Table::open(root);
    if (!table) table = table::Table::create(root, wanted);
    claim(*table, pipeline.name, false);
    require_same_types(*table, wanted);
    Schema added;
    for (const auto& column : wanted.columns) {
      if (find_field(table->columns(), column.name) == nullptr) added.push_back(column);
    }
    if (added.empty()) return std::move(*table);
    if (attempt == kAttempts)
      throw Error(Cause::kConflict, "other commits kept the quarantine's columns from being added", "Run again.");
    table->add_columns(added);
  }
}

// Commits on the newest version until no other commit is in the way.
bool commit_somehow(table::Table& table, const table::Change& change) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto outcome = table.commit(change);
    if (outcome.kind == table::CommitOutcome::Kind::kCommitted) return true;
    if (outcome.kind == table::CommitOutcome::Kind::kUnknown) {
      throw Error(Cause::kUnknownOutcome,
                  fmt::format("it is unknown whether the commit to the quarantine happened: {}", outcome.detail),
                  "Nothing was published. Run again.");
    }
    table = table.refreshed();
  }
  return false;
}

void keep_up(const table::Table& table) {
  const table::Table now = table.refreshed();
  if (now.version() - now.checkpoint_version() >= now.checkpoint_interval()) now.checkpoint();
}

std::string run_of(const table::File& file) {
  const auto run = file.partition.find(kSetAsideBy);
  return run == file.partition.end() ? "" : run->second;
}

}  // namespace

std::string quarantine_root(const std::string& table_root) {
  return fmt::format("{}{}", table_root, table::kQuarantineEnd);
}

std::map<std::string, std::string> quarantine_properties() { return {{kProperty, "true"}}; }

std::pair<std::string, int64_t> quarantine_mark(const Definition& pipeline, const source::Interval& interval,
                                                const std::string& run_id) {
  return {mark_name(pipeline.run_partition(interval)), number_of(run_id)};
}

bool has_quarantine(const table::Table& table) { return table.properties().contains(kProperty); }

std::vector<SetAside> all_set_aside(const table::Table& quarantine, const std::optional<table::Table>& table) {
  std::map<std::pair<table::Partition, std::string>, SetAside> found;
  for (auto& file : quarantine.files({})) {
    table::Partition day = file.partition;
    day.erase(kSetAsideBy);
    SetAside& one = found[{day, run_of(file)}];
    one.day = std::move(day);
    one.run_id = run_of(file);
    one.rows += std::max<int64_t>(file.rows, 0);
    one.files.push_back(std::move(file));
  }
  std::map<std::string, table::Mark> marks;
  if (table) marks = table->marks(std::string(kMarks));
  std::vector<SetAside> out;
  for (auto& [key, one] : found) {
    const auto mark = marks.find(mark_name(one.day));
    const bool known = mark != marks.end();
    one.in_force = known && mark->second.value == number_of(one.run_id);
    one.is_superseded = known && !one.in_force;
    out.push_back(std::move(one));
  }
  return out;
}

Quarantining::Quarantining(const Definition& pipeline, const source::Interval& interval, const std::string& table_root,
                           const std::string& run_id, mode_t record_mode)
    : pipeline_(pipeline), interval_(interval), run_id_(run_id), mode_(record_mode) {
  const std::string root = quarantine_root(table_root);
  storage::make_private_folder(root, record_mode);  // before anything lies in it
  table_ = open_or_create(pipeline, root);
  staging_ = std::make_unique<StagingArea>(root, table::own_folder(run_id), run_id,
                                           static_cast<int64_t>(table_->version()), interval.text());
}

void Quarantining::commit(engine::Engine& engine, const std::vector<engine::DataFile>& bad,
                          const engine::WriteOptions& layout) {
  engine::FileGroup group;
  for (const auto& file : bad) group.paths.push_back(file.path);
  const Schema columns = file_columns(pipeline_);
  const std::string view = engine.create_view("metl_set_aside", columns, {group});
  engine::WriteOptions options = layout;
  options.cluster_by.clear();
  options.folder = staging_->folder();
  options.name_prefix = staging_->name_prefix();
  std::vector<engine::DataFile> files = engine.write(fmt::format("SELECT * FROM {}", view), options, {});
  std::erase_if(files, [](const engine::DataFile& file) { return file.rows == 0; });
  table::Partition partition = pipeline_.run_partition(interval_);
  partition[kSetAsideBy] = run_id_;
  table::PartitionChange added{partition, {}};
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (const auto& file : files) {
    storage::set_mode(file.path, mode_);
    added.add.push_back({staging_->relative(file.path), file.bytes, file.rows,
                         std::chrono::duration_cast<std::chrono::milliseconds>(now).count(),
                         table::delta_stats(file.rows, file.stats, columns, table_->statistics_columns())});
  }
  staging_->make_durable(files);
  const table::Change change{.partitions = {std::move(added)},
                             .run_id = run_id_,
                             .app_id = fmt::format("movies-etl:quarantine:{}", interval_.text()),
                             .operation = "WRITE",
                             .operation_parameters = {{"mode", "Append"}},
                             .operation_metrics = {},
                             .user_metadata = {}};
  stop::check();
  const stop::Hold whole(stop::Hold::For::kCommit);
  staging_->require_held(files);
  try {
    if (!commit_somehow(*table_, change))
      throw Error(Cause::kConflict, "other runs kept the bad rows from being set aside",
                  "Nothing was published. Run again.");
  } catch (const Error& e) {
    if (e.cause() == Cause::kUnknownOutcome) staging_->abandon();
    throw;
  }
  staging_->keep();
}

void settle(const std::string& table_root, const std::string& pipeline) {
  const std::string root = quarantine_root(table_root);
  auto quarantine = table::Table::open(root);
  if (!quarantine) return;
  // Whoever is not alive now and is not named by the table afterwards will never be named.
  std::set<std::string> living;
  for (const auto& run : table::living_runs(root)) living.insert(run.run_id);
  auto table = table::Table::open(table_root);
  if (table && is_remote(table_root)) {
    const auto all = all_set_aside(*quarantine, table);
    if (std::any_of(all.begin(), all.end(), [](const SetAside& one) { return one.is_superseded; })) {
      table->fence();  // a dead run's commit may be on its way
      table = table->refreshed();
    }
  }
  std::vector<table::PartitionChange> gone;
  for (const auto& one : all_set_aside(*quarantine, table)) {
    if (!one.is_superseded || living.contains(one.run_id)) continue;
    table::Partition partition = one.day;
    partition[kSetAsideBy] = one.run_id;
    gone.push_back({std::move(partition), {}});
  }
  if (!gone.empty()) {
    claim(*quarantine, pipeline, false);
    const stop::Hold whole(stop::Hold::For::kCommit);
    const table::Change change{.partitions = std::move(gone),
                               .run_id = new_run_id(std::chrono::system_clock::now()),
                               .app_id = "movies-etl:quarantine:settle",
                               .operation = "DELETE",
                               .operation_parameters = {},
                               .operation_metrics = {},
                               .user_metadata = {}};
    if (!commit_somehow(*quarantine, change))
      log::info("what the quarantine holds of earlier runs was not removed, which the next run will try");
  }
  keep_up(*quarantine);
  remove_dead_runs(root);
}

}  // namespace metl::pipeline

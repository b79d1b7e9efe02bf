#include "pipeline/restore.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "pipeline/agreement.h"
#include "pipeline/audit.h"
#include "pipeline/binding.h"
#include "pipeline/made_of.h"
#include "pipeline/ownership.h"
#include "pipeline/quarantine_store.h"
#include "quality/history/file_history.h"
#include "storage/store.h"
#include "table/history.h"

#ifndef METL_VERSION
#error "METL_VERSION must be defined"
#endif

namespace metl::pipeline {
namespace {

using Files = std::vector<table::File>;

constexpr size_t kNamed = 5;  // files that an error names

class Restoring {
 public:
  Restoring(engine::Engine& engine, const RestoreRequest& request, RestoreReport& report)
      : engine_(engine), request_(request), report_(report), table_(open()), older_(older()) {}

  void run() {
    claims_ = claim(table_, request_.run.pipeline.name, /*take_over=*/false);
    table_.require_writable();
    pipeline_ = spelled(request_.run.pipeline, require_agreement(table_, request_.run.pipeline, /*evolve=*/false));
    require_same_columns();
    compare();
    if (!report_.changes()) return;
    require_no_quarantine();
    require_replaceable(table_, request_.day ? request_.day->iso() : "the table", removed_.size());
    require_files();
    check();
    if (!report_.passed() || request_.run.dry_run) return;
    commit();
    after_commit();
  }

 private:
  table::Table open() const {
    auto table = table::Table::open(request_.run.table_root);
    if (table) return std::move(*table);
    throw Error(Cause::kConfiguration,
                fmt::format("there is no table {} at {}", request_.run.table, request_.run.table_root),
                "The first `movies-etl run` makes it.");
  }

  table::Table older() {
    report_.from = table_.version();
    return table::open_version(table_.root(), request_.version);
  }

  // What the newest version says of columns stays: rows that lack one that came later have NULL there.
  void require_same_columns() const {
    std::vector<std::string> differences;
    for (const auto& column : older_.columns()) {
      const Field* now = find_field(table_.columns(), column.name);
      if (now == nullptr) {
        differences.push_back(fmt::format("column '{}' is not there any more", column.name));
      } else if (now->type != column.type) {
        differences.push_back(
            fmt::format("column '{}' was {} and is {}", column.name, type_name(column.type), type_name(now->type)));
      } else if (column.nullable && !now->nullable) {
        differences.push_back(fmt::format("column '{}' could be NULL and cannot any more", column.name));
      }
    }
    for (const auto& column : table_.columns()) {
      if (find_field(older_.columns(), column.name) == nullptr && !column.nullable)
        differences.push_back(fmt::format("column '{}', which cannot be NULL, was not there", column.name));
    }
    if (older_.partition_columns() != table_.partition_columns())
      differences.emplace_back("its partitions were others");
    if (differences.empty()) return;
    throw Error(Cause::kDisagreement,
                fmt::format("version {} of {} does not fit the table as it is now: {}", older_.version(), table_.root(),
                            fmt::join(differences, "; ")),
                "A restore brings rows back, not columns. Read the version with `movies-etl show --version`.");
  }

  std::optional<std::string> day_column() const {
    for (const auto& name : table_.partition_columns()) {
      if (pipeline_.run_date_column && name == *pipeline_.run_date_column) return name;
    }
    return std::nullopt;
  }

  void compare() {
    table::Partition partition;
    if (request_.day) {
      if (!day_column())
        throw Error(Cause::kUsage, fmt::format("the table {} has no partition for each day", request_.run.table),
                    "Restore the whole table: --version N.");
      partition = {{*day_column(), request_.day->iso()}};
    }
    wanted_ = older_.files(partition);
    const Files now = table_.files(partition);
    added_ = table::without(wanted_, now);
    removed_ = table::without(now, wanted_);
    report_.files_restored = static_cast<int64_t>(added_.size());
    report_.files_removed = static_cast<int64_t>(removed_.size());
    for (const auto& file : added_) report_.bytes_restored += file.bytes;
  }

  // Which rows are set aside hangs on the run that a day is of, and those of older runs are gone.
  void require_no_quarantine() const {
    if (!has_quarantine(table_)) return;
    throw Error(Cause::kConfiguration,
                fmt::format("the table at {} has a quarantine, and the rows that older versions had there are gone: "
                            "after a restore rows could be in both or in none",
                            table_.root()),
                "Run the days again, or look at an older version with `movies-etl show --version`.");
  }

  // A listing of each folder, not a request for each file.
  void require_files() const {
    std::map<std::string, std::vector<std::pair<std::string, uint64_t>>> folders;
    for (const auto& file : added_) {
      const std::string path = group_of(older_, file).paths.front();  // reads its deleted rows too
      folders[path.substr(0, path.rfind('/'))].emplace_back(path, file.bytes);
    }
    std::vector<std::string> gone;
    for (const auto& [folder, files] : folders) {
      std::map<std::string, uint64_t> there;
      for (const auto& file : storage::list_files(folder)) there.emplace(file.path, file.bytes);
      for (const auto& [path, bytes] : files) {
        const auto found = there.find(path);
        if (found == there.end() || found->second != bytes) gone.push_back(path);
      }
    }
    if (gone.empty()) return;
    const size_t more = gone.size() > kNamed ? gone.size() - kNamed : 0;
    gone.resize(gone.size() - more);
    throw Error(Cause::kNotFound,
                fmt::format("version {} cannot be restored: files of it are gone or changed: {}{}", older_.version(),
                            fmt::join(gone, ", "), more == 0 ? "" : fmt::format(" and {} more", more)),
                "A vacuum removed them. Run the days again, or restore a later version.");
  }

  void check() {
    const auto column = day_column();
    std::map<std::string, Files> days;
    if (!column) {
      days.emplace("", wanted_);
    } else {
      for (const auto* files : {&added_, &removed_}) {
        for (const auto& file : *files) days.emplace(day_of(file, *column), Files());
      }
      for (const auto& file : wanted_) {
        if (const auto day = days.find(day_of(file, *column)); day != days.end()) day->second.push_back(file);
      }
    }
    for (const auto& [day, files] : days) {
      stop::check();
      if (!files.empty()) report_.checks.emplace_back(day, audited(day, files));
    }
  }

  static std::string day_of(const table::File& file, const std::string& column) {
    const auto value = file.partition.find(column);
    return value == file.partition.end() ? "" : value->second;
  }

  quality::ScanResult audited(const std::string& day, const Files& files) {
    RunRequest run = request_.run;
    run.day = day.empty() ? newest_day() : Date::parse(day);
    AuditRequest what = gate_request(run, pipeline_, report_.run_id, {});
    // Under the newest version's columns: so it would be read.
    what.datasets = {dataset_of(run.table, table_, files)};
    quality::FileHistory history(storage::text_file(history_file(run.curated_location), run.record_mode));
    what.scan.earlier = [&](const std::string& key, quality::DataTime time) { return history.earlier(key, time); };
    return audit(engine_, what);
  }

  // Of the run that made the version, as far as the log tells: what ${run_date} is where a table has no days.
  Date newest_day() const {
    Date newest = request_.run.day;
    int64_t version = -1;
    for (const auto& [day, published] : published_days(older_)) {
      if (published.version > version) {
        version = published.version;
        newest = Date::parse(day);
      }
    }
    return newest;
  }

  void commit() {
    table::Change change{.partitions = {},
                         .run_id = report_.run_id,
                         .app_id = fmt::format("movies-etl:{}:restore", request_.run.table),
                         .operation = "RESTORE",
                         .operation_parameters = {{"version", std::to_string(older_.version())}},
                         .operation_metrics = {{"numRestoredFiles", std::to_string(added_.size())},
                                               {"numRemovedFiles", std::to_string(removed_.size())},
                                               {"restoredFilesSize", std::to_string(report_.bytes_restored)}},
                         .user_metadata = nlohmann::ordered_json{{"run_id", report_.run_id},
                                                                 {"program", "movies-etl " METL_VERSION},
                                                                 {"pipeline", pipeline_.name},
                                                                 {"restored_version", older_.version()}}
                                              .dump(),
                         .properties = claims_};
    if (request_.day) change.operation_parameters["day"] = request_.day->iso();
    // All partitions at once, so that whoever changed any of them meanwhile is a conflict.
    table::PartitionChange scope{{}, {}, std::vector<std::string>()};
    if (request_.day) scope.partition = {{*day_column(), request_.day->iso()}};
    for (const auto& file : removed_) scope.remove->push_back(file.path);
    change.partitions.push_back(std::move(scope));
    std::map<table::Partition, Files> partitions;
    for (const auto& file : added_) {
      table::Partition partition;  // an absent value is a NULL, which a change says as ""
      for (const auto& name : table_.partition_columns()) partition[name] = day_of(file, name);
      partitions[partition].push_back(file);
    }
    for (auto& [partition, files] : partitions)
      change.partitions.push_back({partition, std::move(files), std::vector<std::string>()});
    stop::check();
    const stop::Hold whole(stop::Hold::For::kCommit);
    require_files();  // the checks may have taken long
    const auto outcome = table_.commit(change);
    if (outcome.kind == table::CommitOutcome::Kind::kConflict) {
      throw Error(Cause::kConflict, fmt::format("nothing was restored: {}", outcome.detail),
                  "See what changed with `movies-etl history`, then restore again if that is still wanted.");
    }
    if (outcome.kind == table::CommitOutcome::Kind::kUnknown) {
      throw Error(Cause::kUnknownOutcome, fmt::format("it is unknown whether the commit happened: {}", outcome.detail),
                  fmt::format("`movies-etl history` tells whether run {} is in the log.", report_.run_id));
    }
    report_.version = outcome.version;
  }

  // What fails from here on does not undo it.
  void after_commit() const {
    try {
      const table::Table now = table_.refreshed();
      if (now.version() - now.checkpoint_version() >= now.checkpoint_interval()) now.checkpoint();
      request_.run.catalog.keep_in_step(request_.run.table, table_.root());
    } catch (const std::exception& e) {
      log::warning("version {} is restored, but what comes after failed, which the next run will try: {}",
                   older_.version(), e.what());
    }
  }

  engine::Engine& engine_;
  const RestoreRequest& request_;
  RestoreReport& report_;
  table::Table table_;
  table::Table older_;
  Definition pipeline_;  // as the table spells it
  std::map<std::string, std::string> claims_;
  Files wanted_;   // of what is restored, all that is to be live
  Files added_;    // of those, what is not
  Files removed_;  // what is live and is not to be
};

}  // namespace

bool RestoreReport::passed() const {
  return std::all_of(checks.begin(), checks.end(), [](const auto& one) { return passes(one.second); });
}

RestoreReport restore(engine::Engine& engine, const RestoreRequest& request) {
  RestoreReport report;
  report.run_id = new_run_id(std::chrono::system_clock::now());
  Restoring(engine, request, report).run();
  return report;
}

}  // namespace metl::pipeline

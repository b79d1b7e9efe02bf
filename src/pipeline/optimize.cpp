#include "pipeline/optimize.h"

#include <algorithm>

#include "base/error.h"
#include "base/location.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "pipeline/agreement.h"
#include "pipeline/ownership.h"
#include "pipeline/staging_area.h"

namespace metl::pipeline {
namespace {

using Kind = OptimizedPartition::Kind;

// What is wrong with more than one partition: going on would only repeat it.
bool ends_all(const Error& e) {
  switch (e.cause()) {
    case Cause::kUnknownOutcome:
    case Cause::kInterrupted:
    case Cause::kTimedOut:
    case Cause::kNoSpace:
    case Cause::kNoMemory:
    case Cause::kNoThreads:
    case Cause::kTooManyFiles:
    case Cause::kDiskFault:
    case Cause::kNoCredentials:
    case Cause::kUnreachable:
    case Cause::kInternal:
      return true;
    default:
      return stop::requested();
  }
}

class Optimizing {
 public:
  Optimizing(engine::Engine& engine, const OptimizeRequest& request, OptimizeReport& report)
      : engine_(engine), request_(request), report_(report), table_(open()) {}

  void run() {
    claim(table_, request_.run.pipeline.name, /*take_over=*/false);
    require_compactable(table_);
    pipeline_ = spelled(request_.run.pipeline, require_agreement(table_, request_.run.pipeline, /*evolve=*/false));
    rules_ = {.target_bytes = request_.run.target_bytes, .cluster = request_.cluster};
    require_meaning();
    const auto planned = rewrites(request_.partition);
    if (!request_.run.dry_run && !is_remote(table_.root())) remove_dead_runs(table_.root());
    for (const auto& rewrite : planned) {
      stop::check();
      if (request_.before_each) request_.before_each();
      if (request_.run.dry_run) {
        report_.partitions.push_back({.kind = Kind::kPlanned, .rewrite = rewrite});
      } else {
        one(rewrite);
      }
    }
    if (!request_.run.dry_run) after();
  }

 private:
  table::Table open() const {
    auto table = table::Table::open(request_.run.table_root);
    if (table) return std::move(*table);
    throw Error(Cause::kConfiguration,
                fmt::format("there is no table {} at {}", request_.run.table, request_.run.table_root),
                "The first `movies-etl run` makes it.");
  }

  bool is_partitioned_by(const std::string& column) const {
    const auto& columns = table_.partition_columns();
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  }

  void require_meaning() const {
    if (request_.cluster && pipeline_.cluster_by.empty()) {
      throw Error(Cause::kUsage, fmt::format("pipeline '{}' has no order for its rows", pipeline_.name),
                  fmt::format("Name the columns as target.cluster_by in {}, or leave out --cluster.", pipeline_.file));
    }
    if (request_.days && !(pipeline_.run_date_column && is_partitioned_by(*pipeline_.run_date_column))) {
      throw Error(Cause::kUsage, fmt::format("the table {} has no partition for each day", request_.run.table),
                  "Name a partition as --where column=value, or leave out --where.");
    }
    for (const auto& wanted : request_.partition) {
      if (is_partitioned_by(wanted.first)) continue;
      throw Error(Cause::kUsage,
                  fmt::format("the table {} is not partitioned by '{}'", request_.run.table, wanted.first),
                  table_.partition_columns().empty()
                      ? "It has no partitions: leave out --where."
                      : fmt::format("Its partitions are of {}.", fmt::join(table_.partition_columns(), ", ")));
    }
  }

  bool is_wanted(const table::Partition& partition) const {
    if (!request_.days) return true;
    const std::string& day = partition.at(*pipeline_.run_date_column);
    return request_.days->first.iso() <= day && day <= request_.days->second.iso();
  }

  std::vector<Rewrite> rewrites(const table::Partition& scope) const {
    auto out = rewrites_of(table_.files(scope, table::Table::Statistics::kLeft), table_.partition_columns(),
                           pipeline_.cluster_by, rules_);
    std::erase_if(out, [&](const Rewrite& one) { return !is_wanted(one.partition); });
    return out;
  }

  // After it: the partition has the new files, or is as it was; and table_ is a version whose other partitions are as
  // they were planned, or `alone_` is false.
  void one(const Rewrite& planned) {
    OptimizedPartition done{
        .kind = Kind::kLeft, .rewrite = planned, .run_id = new_run_id(std::chrono::system_clock::now()) + "-compact"};
    try {
      if (!alone_) {
        table_ = table_.refreshed();
        const auto now = rewrites(planned.partition);
        if (now.empty()) return;
        done.rewrite = now.front();
      }
      commit(done);
    } catch (const Error& e) {
      if (ends_all(e)) throw;
      done.kind = e.cause() == Cause::kConflict ? Kind::kLeft : Kind::kFailed;
      done.why = e.message();
      alone_ = false;
    }
    const std::string name = done.rewrite.partition.empty() ? "the table" : predicate_of(done.rewrite.partition);
    if (done.kind == Kind::kDone) {
      log::info("{}: {} files became {} (version {})", name, done.rewrite.files.size(), done.files_added, done.version);
    } else {
      log::warning("{} is left as it is: {}", name, done.why);
    }
    report_.partitions.push_back(std::move(done));
  }

  void commit(OptimizedPartition& done) {
    const Compaction how{.table = table_,
                         .pipeline = pipeline_,
                         .layout = {.folder = "",
                                    .name_prefix = "",
                                    .cluster_by = pipeline_.cluster_by,
                                    .compression = request_.run.compression,
                                    .parquet_version = request_.run.parquet_version,
                                    .target_bytes = request_.run.target_bytes},
                         .run_id = done.run_id};
    const Compacted made = compact(engine_, how, done.rewrite);
    switch (made.outcome.kind) {
      case table::CommitOutcome::Kind::kConflict:
        done.why = made.outcome.detail;
        alone_ = false;
        return;
      case table::CommitOutcome::Kind::kUnknown:
        throw Error(Cause::kUnknownOutcome,
                    fmt::format("it is unknown whether the commit happened: {}", made.outcome.detail),
                    "The new files were kept: they may be part of the table. The next run finds out and cleans up.");
      case table::CommitOutcome::Kind::kCommitted:
        break;
    }
    done.kind = Kind::kDone;
    done.version = made.outcome.version;
    done.files_added = made.files;
    done.bytes_added = made.bytes;
    done.rows_purged = made.purged;
    alone_ = alone_ && made.outcome.version == table_.version() + 1;
    keep([&] {
      table_ = table_.refreshed();
      if (table_.version() - table_.checkpoint_version() >= table_.checkpoint_interval()) table_.checkpoint();
    });
    alone_ = alone_ && table_.version() == made.outcome.version;
  }

  // What fails here does not undo what was committed.
  template <typename Function>
  static void keep(const Function& function) {
    try {
      function();
    } catch (const std::exception& e) {
      log::warning("the files are in place, but what comes after failed, which the next run will try: {}", e.what());
    }
  }

  void after() const {
    if (report_.count(Kind::kDone) > 0)
      keep([&] { request_.run.catalog.keep_in_step(request_.run.table, table_.root()); });
    // In a store only now: finding out what is dead takes requests, and a version of the table if there is any.
    if (is_remote(table_.root())) keep([&] { remove_dead_runs(table_.root()); });
  }

  engine::Engine& engine_;
  const OptimizeRequest& request_;
  OptimizeReport& report_;
  table::Table table_;
  bool alone_ = true;    // nobody else committed since the plan was made
  Definition pipeline_;  // as the table spells it
  CompactionRules rules_;
};

}  // namespace

size_t OptimizeReport::count(Kind kind) const {
  return static_cast<size_t>(
      std::count_if(partitions.begin(), partitions.end(), [&](const auto& one) { return one.kind == kind; }));
}

OptimizeReport optimize(engine::Engine& engine, const OptimizeRequest& request) {
  OptimizeReport report;
  Optimizing(engine, request, report).run();
  return report;
}

}  // namespace metl::pipeline

// Where a run's files lie before they are published: in the partition's folder, or in one of the run's own where it
// writes several partitions; under names that carry the run's id, and owned by a lease that tells the living from the
// dead (table/lease.h). They go through one guard (table/removal.h).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "table/lease.h"

namespace metl::pipeline {

class StagingArea {
 public:
  // Creates the partition's folder and the lease. `base_version`: the table's version when the run began, or -1
  // without a table. `day`: that it is a run of; "" for a compaction.
  StagingArea(const std::string& table_root, const std::string& partition, const std::string& run_id,
              int64_t base_version, const std::string& day = "");

  // Drops the run's files unless keep() was called, and the lease; folders that it made go too when they are empty.
  ~StagingArea();
  StagingArea(const StagingArea&) = delete;
  StagingArea& operator=(const StagingArea&) = delete;

  std::string folder() const;                           // path or location; exists
  std::string name_prefix() const;                      // file names start with it; holds the run's id
  std::string relative(const std::string& path) const;  // to the table's root

  // Local: flushes these files, the partition's folder and the table's root to the disk. Throws Error.
  void make_durable(const std::vector<engine::DataFile>& files) const;

  // To be called before every commit. Throws Error{kConflict} when somebody took this run for dead, and when one of
  // these files is not there any more as it was written: its size, and locally its footer.
  void require_held(const std::vector<engine::DataFile>& files) const;

  // Of a run's own folder: made, and gone with all in it once the run has ended. No version of the table names a file
  // in it.
  std::string scratch() const;

  // Removes those of the run's files that it does not need. Throws Error.
  void discard(const std::vector<std::string>& paths) const;

  // The files belong to the table now, or may: never delete them.
  void keep() { kept_ = true; }

  // As keep(), and the lease stays too: the next run finds out whether the commit exists.
  void abandon() { kept_ = abandoned_ = true; }

 private:
  std::string root_;
  table::StagedRun run_;
  std::unique_ptr<table::Lease> lease_;
  bool kept_ = false;
  bool abandoned_ = false;
};

// What a dead run left behind.
struct DeadRun {
  table::StagedRun run;
  bool committed = false;          // its files are the table's: only the lease goes
  bool unknown = false;            // the log does not say any more whether it was published: all of it stays
  bool gone = false;               // nothing is left, or would be
  std::vector<std::string> files;  // removed, or to be removed
};

// Removes the files of runs that died before they committed, and the drafts of dead writers in the table's folders.
// `root` need not exist. `stale` as in table/lease.h. With `dry_run` only tells. That the log does not name a run
// counts only where it holds every version since the run began. Throws Error where it cannot be found out what
// is dead.
std::vector<DeadRun> remove_dead_runs(const std::string& root, std::chrono::seconds stale = table::Lease::kStale,
                                      bool dry_run = false);

// The same for drafts of records and histories in `<warehouse>/_runs` and `_checks`, and for samples of a run that left
// no record for a day; their paths. Never throws.
std::vector<std::string> sweep_records(const std::string& warehouse, bool dry_run = false);

}  // namespace metl::pipeline

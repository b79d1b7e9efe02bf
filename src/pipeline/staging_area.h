// Where a run's files lie before they are published: in the partition's folder, under names that carry the run's id,
// and owned by a marker that tells the living from the dead (marker.h).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/marker.h"

namespace metl::pipeline {

class StagingArea {
 public:
  // Creates the partition's folder and the marker. `base_version`: the table's version when the run began, or -1
  // without a table.
  StagingArea(std::string table_root, std::string partition, std::string run_id, int64_t base_version);

  // Drops the run's files unless keep() was called, and the marker; folders it leaves empty go too.
  ~StagingArea();
  StagingArea(const StagingArea&) = delete;
  StagingArea& operator=(const StagingArea&) = delete;

  std::string folder() const;                           // path or location; exists
  std::string name_prefix() const;                      // file names start with it; holds the run's id
  std::string relative(const std::string& path) const;  // to the table's root

  // Local: flushes these files, the partition's folder and the table's root to the disk. Throws Error{kRunFailed}.
  void make_durable(const std::vector<engine::DataFile>& files) const;

  // To be called before every commit: throws Error{kConflict} when somebody took this run for dead.
  void require_held() const { marker_->require_held(); }

  // The files belong to the table now, or may: never delete them.
  void keep() { kept_ = true; }

  // As keep(), and the marker stays too: the next run finds out whether the commit exists.
  void abandon() { kept_ = abandoned_ = true; }

 private:
  std::string root_;
  StagedRun run_;
  std::unique_ptr<Marker> marker_;
  bool kept_ = false;
  bool abandoned_ = false;
};

// What a dead run left behind, and that it is gone now.
struct DeadRun {
  StagedRun run;
  bool committed = false;  // its files are the table's: only the marker went
  std::vector<std::string> files;
};

// Removes the files of runs that died before they committed. `root` need not exist. `stale` as in marker.h. With
// `dry_run` only tells.
std::vector<DeadRun> remove_dead_runs(const std::string& root, std::chrono::seconds stale = Marker::kStale,
                                      bool dry_run = false);

}  // namespace metl::pipeline

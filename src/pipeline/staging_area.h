// Where a run's files lie before they are published: in the partition's folder, under names that carry the run's id,
// and owned by a marker that tells the living from the dead.
//
// The marker `<table>/_staging/<run id>.json` is locked (flock) as long as its process lives. A run that was killed
// leaves an unlocked marker; the next run removes what it names, unless the log shows that it was committed after all.
// Rejected: telling dead runs by the age of their files, which either waits for hours or deletes under a slow run.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

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

  std::string folder() const;                           // absolute; exists
  std::string name_prefix() const;                      // file names start with it; holds the run's id
  std::string relative(const std::string& path) const;  // to the table's root

  // Flushes these files, the partition's folder and the table's root to the disk. Throws Error{kRunFailed}.
  void make_durable(const std::vector<engine::DataFile>& files) const;

  // The files belong to the table now, or may: never delete them.
  void keep() { kept_ = true; }

  // As keep(), and the marker stays too: the next run finds out whether the commit exists.
  void abandon() { kept_ = abandoned_ = true; }

 private:
  std::string root_;
  std::string partition_;
  std::string run_id_;
  int marker_fd_ = -1;
  bool kept_ = false;
  bool abandoned_ = false;
};

// Removes the files of runs that died before they committed. Returns how many files went. `root` need not exist.
int remove_dead_runs(const std::string& root);

}  // namespace metl::pipeline

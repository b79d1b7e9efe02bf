// The marker of a run that stages: `<table>/_staging/<run id>.json` says what is the run's, and tells the living from
// the dead. It is there before the run's first file, and goes after its last.
//
// In a local folder a living run holds a lock (flock) on its marker; a run that was killed leaves it unlocked. An
// object cannot be locked: a living run touches its marker every minute. A marker there is dead when its process is
// known to have gone (same machine), or when it was not touched for kStale. A run that slept so long finds out before
// it commits. Rejected: telling dead runs by the age of their files, which either waits for hours or deletes under a
// slow run.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace metl::pipeline {

struct StagedRun {
  std::string run_id;
  std::string partition;      // its folder, below the table's root
  int64_t base_version = -1;  // the table's when the run began; -1 without a table
};

class Marker {
 public:
  static constexpr std::chrono::minutes kStale{30};

  virtual ~Marker() = default;

  // Removes the marker; never throws.
  virtual void withdraw() noexcept = 0;

  // Throws Error{kConflict} when the run was taken for dead meanwhile and its files may be gone.
  virtual void require_held() = 0;
};

// Throws Error{kRunFailed}; Error{kConfig} for a store that overwrites what it was told only to create: two runs could
// overwrite each other's commit there.
std::unique_ptr<Marker> place_marker(const std::string& root, const StagedRun& run);

// Removes what is a dead run's; true when its marker is to go as well.
using Remove = std::function<bool(const StagedRun& run)>;

// Calls `remove` for each run below `root` that died, and then removes its marker. `stale`: age of an untouched marker
// in a store.
void for_dead_runs(const std::string& root, std::chrono::seconds stale, const Remove& remove);

// Whether another run has a marker for this partition. Local folders only.
bool is_shared(const std::string& root, const StagedRun& run);

}  // namespace metl::pipeline

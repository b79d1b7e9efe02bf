// The lease of a run that stages: `<table>/_staging/<run id>.json` says what is the run's, and tells the living from
// the dead. It is there, on disk, before the run's first file, and goes after its last.
//
// A living run touches its lease every minute. In a local folder it also holds a lock (flock) on it and keeps it open,
// so a run that was killed on this machine is known for dead at once (base/owner.h). A lease of another machine, and
// any in a store, is dead when nobody touched it for kStale. A run that slept so long finds out before it commits.
// Rejected: telling dead runs by the age of their files, which either waits for hours or deletes under a slow run; and
// the lock alone, which network mounts may not share between machines.
//
// A lease is a regular file of at most kMostBytes whose name is a run's id and whose content says the same. What else
// lies in that folder is not ours: a warning, and it stays.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace metl::table {

struct StagedRun {
  std::string run_id;
  std::string partition;        // its folder, below the table's root; or own_folder(), for several partitions
  int64_t base_version = -1;    // the table's when the run began; -1 without a table
  bool made_partition = false;  // whether the run made these folders, so that they go when they are empty
  bool made_table = false;
  std::string day = {};  // that it is a run of; "" for a compaction
};

// "20210101T043000-1f2e3d4c", or of a compaction "20210101T043000-1f2e3d4c-compact".
bool is_run_id(std::string_view text);

// "run_date=2021-01-01", or several of that kind: nothing that leads out of a table's folder or into its log.
bool is_partition_folder(std::string_view text);

// "part-<run id>": the folder of a run that writes several partitions. A store lists what is in it with one request,
// and nothing has to know the partitions before the run does.
std::string own_folder(const std::string& run_id);

// Below it: what a run writes for itself alone. No version of a table ever names a file in it.
inline constexpr std::string_view kScratch = "_scratch";

// Whether a run may stage in this folder.
bool is_staging_folder(std::string_view folder, const std::string& run_id);

class Lease {
 public:
  static constexpr std::chrono::minutes kStale{30};
  static constexpr size_t kMostBytes = 64 << 10;

  virtual ~Lease() = default;

  // Removes the lease; never throws.
  virtual void withdraw() noexcept = 0;

  // Throws Error{kConflict} when the run was taken for dead meanwhile and its files may be gone.
  virtual void require_held() = 0;
};

// Throws Error; Error{kConfiguration} for a store that overwrites what it was told only to create: two runs could
// overwrite each other's commit there.
std::unique_ptr<Lease> take_lease(const std::string& root, const StagedRun& run);

// Removes what is a dead run's; true when its lease is to go as well.
using Remove = std::function<bool(const StagedRun& run)>;

// Calls `remove` for each run below `root` that died, and then removes its lease. `stale`: age of the untouched lease
// of a run that cannot be seen from here. With `dry_run` every lease stays. What goes wrong with one lease is a
// warning: it stays for later.
void for_dead_runs(const std::string& root, std::chrono::seconds stale, bool dry_run, const Remove& remove);

// The runs that have a lease here and are not known to be dead, wherever they are. Throws Error.
std::vector<StagedRun> living_runs(const std::string& root, std::chrono::seconds stale = Lease::kStale);

// The other runs that have a lease here, as far as can be read. Local folders only.
std::vector<StagedRun> runs_beside(const std::string& root, const std::string& run_id);

}  // namespace metl::table

#include "pipeline/staging_area.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/location.h"
#include "base/log.h"
#include "lake/store.h"
#include "lake/table.h"

namespace metl::pipeline {
namespace {

// With what an engine put into a folder of its own there.
std::vector<std::string> files_of(const std::string& root, const StagedRun& run) {
  std::vector<std::string> out;
  const std::string folder = fmt::format("{}/{}", root, run.partition);
  for (const auto& file : lake::list_files(folder, /*deep=*/true)) {
    if (file.path.find(run.run_id, folder.size()) != std::string::npos) out.push_back(file.path);
  }
  return out;
}

// Removes these files of a run, and locally the folder that an engine may have made for them. False where the folder
// stays: a server may still write for a dead run. Throws Error{kRunFailed} for a file that cannot be removed.
bool drop(const std::string& root, const StagedRun& run, const std::vector<std::string>& files) {
  lake::remove_files(files);
  if (is_remote(root)) return true;
  bool gone = true;
  for (const auto& folder : lake::list_folders(fmt::format("{}/{}", root, run.partition))) {
    if (folder.find(run.run_id, root.size()) == std::string::npos) continue;
    std::error_code failed;
    std::filesystem::remove_all(folder, failed);
    if (!failed) continue;
    log::warning("{} cannot be removed now, the next run tries again: {}", folder, failed.message());
    gone = false;
  }
  return gone;
}

// A run that died may have sent its commit just before, and a store may get to it just after. Nothing sent by who is
// known to be dead can become a version from here on.
void stop_late_commits(const std::string& root) {
  if (!is_remote(root)) return;  // what a dead process did to a disk is done
  if (const auto table = lake::Table::open(root)) table->fence();
}

// Whether this run published what it staged.
bool was_committed(const std::string& root, const StagedRun& run) {
  const auto table = lake::Table::open(root);
  return table && table->committed_version_of(run.run_id, static_cast<uint64_t>(std::max<int64_t>(run.base_version, 0)))
                      .has_value();
}

}  // namespace

StagingArea::StagingArea(std::string table_root, std::string partition, std::string run_id, int64_t base_version)
    : root_(std::move(table_root)),
      run_{std::move(run_id), std::move(partition), base_version},
      marker_(place_marker(root_, run_)) {
  try {
    lake::make_folder(folder());
  } catch (...) {
    marker_->withdraw();
    throw;
  }
}

StagingArea::~StagingArea() {
  bool clean = true;
  if (!kept_) {
    try {
      clean = drop(root_, run_, files_of(root_, run_));
    } catch (const std::exception& e) {
      clean = false;  // the marker stays for the next run to try
      log::warning("staged files are left behind, which the next run removes: {}", e.what());
    }
  }
  if (clean && !abandoned_) marker_->withdraw();
  if (!is_remote(root_) && !kept_ && !is_shared(root_, run_)) files::remove_empty_folders(folder(), root_);
}

std::string StagingArea::folder() const { return fmt::format("{}/{}", root_, run_.partition); }
std::string StagingArea::name_prefix() const { return "part-" + run_.run_id; }
std::string StagingArea::relative(const std::string& path) const { return path.substr(root_.size() + 1); }

void StagingArea::make_durable(const std::vector<engine::DataFile>& files) const {
  if (is_remote(root_)) return;                       // an object that is there is durable
  std::set<std::filesystem::path> folders{folder()};  // an engine may put its files into a folder of their own
  for (const auto& file : files) {
    files::sync(file.path);
    folders.insert(std::filesystem::path(file.path).parent_path());
  }
  for (const auto& each : folders) files::sync(each);
  files::sync(root_);
}

std::vector<DeadRun> remove_dead_runs(const std::string& root, std::chrono::seconds stale, bool dry_run) {
  std::vector<DeadRun> out;
  for_dead_runs(root, stale, [&](const StagedRun& run) {
    DeadRun dead{run, was_committed(root, run), {}};
    bool gone = true;
    if (!dead.committed && !dry_run) {
      stop_late_commits(root);
      dead.committed = was_committed(root, run);
    }
    if (!dead.committed) {
      dead.files = files_of(root, run);
      if (!dry_run) gone = drop(root, run, dead.files);
      log::warning("run {} died before it published; {} its {} staged files", run.run_id,
                   dry_run ? "would remove" : "removed", dead.files.size());
    }
    out.push_back(std::move(dead));
    return !dry_run && gone;
  });
  return out;
}

}  // namespace metl::pipeline

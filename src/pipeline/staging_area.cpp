#include "pipeline/staging_area.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "lake/table.h"

namespace metl::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr const char* kMarkers = "_staging";

fs::path marker_path(const std::string& root, const std::string& run_id) {
  return fs::path(root) / kMarkers / (run_id + ".json");
}

// Removes the partition's files that carry the run's id. Never throws: it runs in destructors.
int remove_files_of(const fs::path& partition_folder, const std::string& run_id) noexcept {
  int removed = 0;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(partition_folder, failed)) {
    if (entry.path().filename().string().find(run_id) == std::string::npos) continue;
    std::error_code busy;
    if (fs::remove(entry.path(), busy)) ++removed;
  }
  return removed;
}

// Whether the run of this marker published what it staged.
bool was_committed(const std::string& root, const std::string& run_id, int64_t base_version) {
  const auto table = lake::Table::open(root);
  return table &&
         table->committed_version_of(run_id, static_cast<uint64_t>(std::max<int64_t>(base_version, 0))).has_value();
}

int remove_dead_run(const std::string& root, const fs::path& marker) {
  std::ifstream file(marker);
  const auto owner = nlohmann::json::parse(file, nullptr, false);
  int removed = 0;
  if (owner.is_object() && owner.contains("run_id") && owner.contains("partition")) {
    const auto run_id = owner.at("run_id").get<std::string>();
    if (!was_committed(root, run_id, owner.value("base_version", int64_t{-1}))) {
      removed = remove_files_of(fs::path(root) / owner.at("partition").get<std::string>(), run_id);
      log::warning("run {} died before it published; removed its {} staged files", run_id, removed);
    }
  }
  fs::remove(marker);
  return removed;
}

// Creates the marker, locked under a draft name first: a marker that another run can see is one that it finds locked.
// Tries again when a run that just ended took the empty folder away.
int locked_marker(const std::string& root, const std::string& run_id, const std::string& content) {
  const fs::path marker = marker_path(root, run_id);
  const fs::path draft = fs::path(marker).replace_extension(".draft");
  for (int attempt = 0;; ++attempt) {
    files::create_folders(marker.parent_path());
    const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0 && ::flock(fd, LOCK_EX) == 0 &&
        ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
        ::rename(draft.c_str(), marker.c_str()) == 0) {
      return fd;
    }
    const int reason = errno;
    if (fd >= 0) ::close(fd);
    ::unlink(draft.c_str());
    if (reason == ENOENT && attempt < 10) continue;
    throw Error(ExitCode::kRunFailed,
                fmt::format("cannot write {}: {}", marker.string(), std::generic_category().message(reason)),
                "Check that the table's folder may be written by this user and that the disk is not full.");
  }
}

// Whether a run other than this one stages into the partition.
bool is_shared(const std::string& root, const std::string& partition, const std::string& run_id) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(fs::path(root) / kMarkers, failed)) {
    std::ifstream file(entry.path());
    const auto owner = nlohmann::json::parse(file, nullptr, false);
    if (!owner.is_object() || (owner.value("partition", "") == partition && owner.value("run_id", "") != run_id))
      return true;
  }
  return false;
}

}  // namespace

StagingArea::StagingArea(std::string table_root, std::string partition, std::string run_id, int64_t base_version)
    : root_(std::move(table_root)), partition_(std::move(partition)), run_id_(std::move(run_id)) {
  const std::string content = nlohmann::json{
      {"run_id", run_id_},
      {"partition", partition_},
      {"base_version", base_version},
      {"pid", ::getpid()}}.dump();
  marker_fd_ = locked_marker(root_, run_id_, content);
  try {
    files::create_folders(folder());
  } catch (...) {
    ::unlink(marker_path(root_, run_id_).c_str());
    ::close(marker_fd_);
    throw;
  }
}

StagingArea::~StagingArea() {
  if (!kept_) remove_files_of(folder(), run_id_);
  if (!abandoned_) ::unlink(marker_path(root_, run_id_).c_str());
  ::close(marker_fd_);
  if (!kept_ && !is_shared(root_, partition_, run_id_)) files::remove_empty_folders(folder(), root_);
  files::remove_empty_folders(fs::path(root_) / kMarkers, fs::path(root_).parent_path());
}

std::string StagingArea::folder() const { return fs::path(root_) / partition_; }
std::string StagingArea::name_prefix() const { return "part-" + run_id_; }
std::string StagingArea::relative(const std::string& path) const { return fs::path(path).lexically_relative(root_); }

void StagingArea::make_durable(const std::vector<engine::DataFile>& files) const {
  for (const auto& file : files) files::sync(file.path);
  files::sync(folder());
  files::sync(root_);
}

int remove_dead_runs(const std::string& root) {
  int removed = 0;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(fs::path(root) / kMarkers, failed)) {
    if (entry.path().extension() != ".json") continue;
    const int fd = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;  // its run just ended
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0) removed += remove_dead_run(root, entry.path());
    ::close(fd);
  }
  return removed;
}

}  // namespace metl::pipeline

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/files.h"
#include "pipeline/marker_format.h"

namespace metl::pipeline {
namespace {

namespace fs = std::filesystem;

// Creates the marker, locked under a draft name first: a marker that another run can see is one that it finds locked.
// Tries again when a run that just ended took the empty folder away.
int locked_marker(const fs::path& marker, const std::string& content) {
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

class LocalMarker final : public Marker {
 public:
  LocalMarker(const std::string& root, const StagedRun& run)
      : root_(root), path_(marker_path(root, run.run_id)), fd_(locked_marker(path_, marker_text(run))) {}
  LocalMarker(const LocalMarker&) = delete;
  LocalMarker& operator=(const LocalMarker&) = delete;
  ~LocalMarker() override {
    ::close(fd_);
    files::remove_empty_folders(path_.parent_path(), root_.parent_path());
  }

  void withdraw() noexcept override { ::unlink(path_.c_str()); }
  void require_held() override {}  // the lock ends with the process

 private:
  fs::path root_;
  fs::path path_;
  int fd_;
};

}  // namespace

std::unique_ptr<Marker> place_local_marker(const std::string& root, const StagedRun& run) {
  return std::make_unique<LocalMarker>(root, run);
}

void for_dead_local_runs(const std::string& root, const Remove& remove) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(marker_folder(root), failed)) {
    if (entry.path().extension() != ".json") continue;
    const int fd = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;  // its run just ended
    try {
      if (::flock(fd, LOCK_EX | LOCK_NB) == 0) {
        std::ifstream file(entry.path());
        const auto owner = parse_marker({std::istreambuf_iterator<char>(file), {}});
        if (!owner || remove(owner->run)) fs::remove(entry.path());
      }
    } catch (...) {
      ::close(fd);
      throw;
    }
    ::close(fd);
  }
}

}  // namespace metl::pipeline

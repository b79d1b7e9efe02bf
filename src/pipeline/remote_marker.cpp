#include <algorithm>
#include <filesystem>
#include <mutex>

#include "base/error.h"
#include "base/log.h"
#include "lake/store.h"
#include "pipeline/heartbeat.h"
#include "pipeline/marker_format.h"

namespace metl::pipeline {
namespace {

using Clock = std::chrono::system_clock;  // not a steady one: that stands still while the machine sleeps

constexpr std::chrono::minutes kFresh{5};  // since the last touch: nobody can have taken the run for dead

class RemoteMarker final : public Marker {
 public:
  RemoteMarker(const std::string& root, const StagedRun& run)
      : path_(marker_path(root, run.run_id)), text_(marker_text(run)) {
    // The second of two creations of one key must fail: with a store that lets it pass, commits could be lost. That the
    // first finds the key is a request that was repeated after its answer was lost.
    lake::create_object(path_, text_);
    if (lake::create_object(path_, text_)) {
      withdraw();
      throw Error(
          ExitCode::kConfig,
          fmt::format("the store of {} overwrites objects that it was told only to create (If-None-Match is not "
                      "honoured): two runs could overwrite each other's commit",
                      root),
          "Use a store, or a version of it, with conditional writes: AWS S3, Azure, Google, MinIO, Ceph, R2, "
          "versitygw. Nothing was published.");
    }
    touched_ = Clock::now();
    heartbeat_.emplace([this] { return touch(); });
  }
  RemoteMarker(const RemoteMarker&) = delete;
  RemoteMarker& operator=(const RemoteMarker&) = delete;

  void withdraw() noexcept override {
    heartbeat_.reset();
    try {
      lake::remove_files({path_});
    } catch (const std::exception& e) {
      log::warning("a marker is left behind, which the next run removes: {}", e.what());
    }
  }

  void require_held() override {
    {
      const std::lock_guard lock(mutex_);
      if (!lost_ && Clock::now() - touched_ < kFresh) return;
    }
    if (touch()) return;
    throw Error(
        ExitCode::kConflict,
        fmt::format("this run did not touch {} for too long and was taken for dead; its staged files may be gone",
                    path_),
        "Nothing was published. Run again.");
  }

 private:
  // Whether it is still there.
  bool touch() {
    const std::lock_guard lock(mutex_);
    lost_ = lost_ || !lake::touch_object(path_, text_);
    if (!lost_) touched_ = Clock::now();
    return !lost_;
  }

  std::string path_;
  std::string text_;
  std::mutex mutex_;  // guards what follows
  Clock::time_point touched_;
  bool lost_ = false;
  std::optional<Heartbeat> heartbeat_;  // last: ends before what it uses
};

}  // namespace

std::unique_ptr<Marker> place_remote_marker(const std::string& root, const StagedRun& run) {
  return std::make_unique<RemoteMarker>(root, run);
}

void for_dead_remote_runs(const std::string& root, std::chrono::seconds stale, bool dry_run, const Remove& remove) {
  const auto markers = lake::list_files(marker_folder(root));
  // Our clock is not the store's, but stores refuse requests of clocks that differ by 15 minutes: half of kStale.
  int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
  for (const auto& marker : markers) now = std::max(now, marker.modified_millis);
  for (const auto& marker : markers) {
    const auto run_id = run_of_marker(std::filesystem::path(marker.path).filename().string());
    const auto foreign = [&](const char* why) {
      log::warning("{} is no marker of a run and is left alone: {}", marker.path, why);
    };
    if (!run_id) {
      foreign("its name is not a run's id");
      continue;
    }
    if (marker.bytes > Marker::kMostBytes) {
      foreign("it is too large");
      continue;
    }
    const auto text = lake::read_text(marker.path);
    if (!text) continue;  // its run just ended
    const auto content = parse_marker(*text, *run_id);
    const bool old = now - marker.modified_millis >= std::chrono::milliseconds(stale).count();
    if (!old && !(content && has_ended(content->owner))) continue;
    if (!content) {
      foreign("its content is not a marker of that run");
      continue;
    }
    try {
      if (remove(content->run) && !dry_run) lake::remove_files({marker.path});
    } catch (const Error& e) {
      log::warning("what run {} left stays until the next run tries again: {}", *run_id, e.message());
    }
  }
}

}  // namespace metl::pipeline

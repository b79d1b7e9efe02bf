#include <algorithm>
#include <filesystem>
#include <mutex>

#include "base/error.h"
#include "base/log.h"
#include "storage/store.h"
#include "table/heartbeat.h"
#include "table/lease_format.h"

namespace metl::table {
namespace {

using Clock = std::chrono::system_clock;  // not a steady one: that stands still while the machine sleeps

constexpr std::chrono::minutes kFresh{5};  // since the last touch: nobody can have taken the run for dead

class RemoteLease final : public Lease {
 public:
  RemoteLease(const std::string& root, const StagedRun& run)
      : path_(lease_path(root, run.run_id)), text_(lease_text(run)) {
    // The second of two creations of one key must fail: with a store that lets it pass, commits could be lost. That the
    // first finds the key is a request that was repeated after its answer was lost.
    storage::create_object(path_, text_);
    if (storage::create_object(path_, text_)) {
      withdraw();
      throw Error(
          Cause::kConfiguration,
          fmt::format("the store of {} overwrites objects that it was told only to create (If-None-Match is not "
                      "honoured): two runs could overwrite each other's commit",
                      root),
          "Use a store, or a version of it, with conditional writes: AWS S3, Azure, Google, MinIO, Ceph, R2, "
          "versitygw.");
    }
    touched_ = Clock::now();
    heartbeat_.emplace([this] { return touch(); });
  }
  RemoteLease(const RemoteLease&) = delete;
  RemoteLease& operator=(const RemoteLease&) = delete;

  void withdraw() noexcept override {
    heartbeat_.reset();
    try {
      storage::remove_files({path_});
    } catch (const std::exception& e) {
      log::warning("a lease is left behind, which the next run removes: {}", e.what());
    }
  }

  void require_held() override {
    {
      const std::lock_guard lock(mutex_);
      if (!lost_ && Clock::now() - touched_ < kFresh) return;
    }
    if (touch()) return;
    throw Error(Cause::kConflict,
                fmt::format("the lease of this run, {}, expired; another run may have removed its staged files", path_),
                "Run again.");
  }

 private:
  // Whether it is still there.
  bool touch() {
    const std::lock_guard lock(mutex_);
    lost_ = lost_ || !storage::touch_object(path_, text_);
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

std::unique_ptr<Lease> take_remote_lease(const std::string& root, const StagedRun& run) {
  return std::make_unique<RemoteLease>(root, run);
}

std::vector<StagedRun> remote_runs(const std::string& root) {
  std::vector<StagedRun> out;
  for (const auto& lease : storage::list_files(lease_folder(root))) {
    const auto run_id = run_of_lease(std::filesystem::path(lease.path).filename().string());
    if (!run_id || lease.bytes > Lease::kMostBytes) continue;
    const auto text = storage::read_text(lease.path);
    if (const auto content = text ? parse_lease(*text, *run_id) : std::nullopt) out.push_back(content->run);
  }
  return out;
}

void for_dead_remote_runs(const std::string& root, std::chrono::seconds stale, bool dry_run, const Remove& remove) {
  const auto leases = storage::list_files(lease_folder(root));
  // Our clock is not the store's, but stores refuse requests of clocks that differ by 15 minutes: half of kStale.
  int64_t now = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
  for (const auto& lease : leases) now = std::max(now, lease.modified_millis);
  for (const auto& lease : leases) {
    const auto run_id = run_of_lease(std::filesystem::path(lease.path).filename().string());
    const auto foreign = [&](const char* why) {
      log::warning("{} is not a lease of a run and is left alone: {}", lease.path, why);
    };
    if (!run_id) {
      foreign("its name is not a run's id");
      continue;
    }
    if (lease.bytes > Lease::kMostBytes) {
      foreign("it is too large");
      continue;
    }
    const auto text = storage::read_text(lease.path);
    if (!text) continue;  // its run just ended
    const auto content = parse_lease(*text, *run_id);
    const bool old = now - lease.modified_millis >= std::chrono::milliseconds(stale).count();
    if (!old && !(content && has_ended(content->owner))) continue;
    if (!content) {
      foreign("its content is not a lease of that run");
      continue;
    }
    try {
      if (remove(content->run) && !dry_run) storage::remove_files({lease.path});
    } catch (const Error& e) {
      log::warning("what run {} left stays until the next run tries again: {}", *run_id, e.message());
    }
  }
}

}  // namespace metl::table

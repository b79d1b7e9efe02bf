#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "base/draft.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "table/heartbeat.h"
#include "table/lease_format.h"

namespace metl::table {
namespace {

namespace fs = std::filesystem;
using files::Descriptor;

// Lease and folder are on disk before the first staged file: what a power cut leaves of those is always named by one.
// It is locked under a draft's name first: a lease that another run can see is one that it finds locked. Tries again
// when a run that just ended took the empty folder away.
Descriptor locked_lease(const fs::path& lease, const std::string& content) {
  for (int attempt = 1;; ++attempt) {
    files::create_folders(lease.parent_path());
    auto draft = files::Draft::make(lease, std::nullopt);
    if (draft) draft->write(content);
    if (draft && draft->publish()) {
      files::sync(lease.parent_path());
      files::sync(lease.parent_path().parent_path());  // another run may have made the folder a moment ago
      return draft->take();
    }
    if (attempt == files::kDraftAttempts) throw files::failure("write", lease, ENOENT);
  }
}

bool is_same(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

class LocalLease final : public Lease {
 public:
  LocalLease(const std::string& root, const StagedRun& run)
      : made_table_(run.made_table),
        root_(root),
        path_(lease_path(root, run.run_id)),
        file_(locked_lease(path_, lease_text(run))),
        heartbeat_([this] { return touch(); }) {}
  LocalLease(const LocalLease&) = delete;
  LocalLease& operator=(const LocalLease&) = delete;
  ~LocalLease() override {
    heartbeat_.stop();
    files::remove_empty_folders(path_.parent_path(), made_table_ ? root_.parent_path() : root_);
  }

  void withdraw() noexcept override {
    heartbeat_.stop();
    if (is_in_place()) ::unlink(path_.c_str());
  }

  void require_held() override {
    if (touch() && is_in_place()) return;
    throw Error(Cause::kConflict,
                fmt::format("the lease of this run, {}, expired and is gone; another run may have removed its staged "
                            "files",
                            path_.string()),
                "Run again.");
  }

 private:
  bool touch() const { return ::futimens(file_.get(), nullptr) == 0; }

  // Whether the name still leads to this run's own file.
  bool is_in_place() const {
    struct stat mine {
    }, found{};
    return ::fstat(file_.get(), &mine) == 0 && ::lstat(path_.c_str(), &found) == 0 && is_same(mine, found);
  }

  bool made_table_;
  fs::path root_;
  fs::path path_;
  Descriptor file_;
  Heartbeat heartbeat_;
};

// A lease's file, opened without following a link or waiting for a writer. Empty, with the reason, for what is none.
struct Opened {
  Descriptor file;
  std::string text;
  std::string refused;
};

Opened open_lease(const std::string& path) {
  Opened out{Descriptor(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)), "", ""};
  if (!out.file) {
    out.refused = errno == ELOOP ? "it is a link" : std::generic_category().message(errno);
    return out;
  }
  struct stat found {};
  if (::fstat(out.file.get(), &found) != 0 || !S_ISREG(found.st_mode)) {
    out.refused = "it is not a regular file";
  } else if (found.st_size > static_cast<off_t>(Lease::kMostBytes)) {
    out.refused = fmt::format("it is larger than {} bytes", Lease::kMostBytes);
  } else {
    out.text.resize(static_cast<size_t>(found.st_size));
    const ssize_t got = ::pread(out.file.get(), out.text.data(), out.text.size(), 0);
    out.text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  }
  return out;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  if (fs::is_symlink(folder, failed)) return names;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
    names.push_back(entry->path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

// Takes the lease of a run that only its age tells to be dead: from here on that run finds its lease gone, should it
// live after all. False when it gave a sign of life before that.
bool take(const std::string& path, const StagedRun& run, const Descriptor& lease) {
  struct stat before {
  }, after{};
  ::fstat(lease.get(), &before);
  auto own = files::Draft::make(path, std::nullopt);
  if (!own) return false;
  own->write(lease_text(run));
  if (!own->publish() || ::fstat(lease.get(), &after) != 0) return false;
  return before.st_mtim.tv_sec == after.st_mtim.tv_sec && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec;
}

void tell_foreign(const std::string& path, const std::string& why) {
  log::warning("{} is not a lease of a run and is left alone: {}", path, why);
}

}  // namespace

std::unique_ptr<Lease> take_local_lease(const std::string& root, const StagedRun& run) {
  return std::make_unique<LocalLease>(root, run);
}

void for_dead_local_runs(const std::string& root, std::chrono::seconds stale, bool dry_run, const Remove& remove) {
  const std::string folder = lease_folder(root);
  bool made_table = false;
  for (const auto& name : names_in(folder)) {
    if (files::is_draft(name)) continue;
    const std::string path = fmt::format("{}/{}", folder, name);
    const auto run_id = run_of_lease(name);
    if (!run_id) {
      if (name.ends_with(".json")) tell_foreign(path, "its name is not a run's id");
      continue;
    }
    const Opened lease = open_lease(path);
    if (!lease.file && ::access(path.c_str(), F_OK) != 0 && errno == ENOENT) continue;  // its run just ended
    if (!lease.refused.empty()) {
      tell_foreign(path, lease.refused);
      continue;
    }
    const auto content = parse_lease(lease.text, *run_id);
    if (!has_surely_ended(content ? content->owner : Owner{}, lease.file.get(), folder, stale)) continue;
    if (!content) {
      tell_foreign(path, "its content is not a lease of that run");
      continue;
    }
    try {
      if (!dry_run && !has_ended(content->owner) && !take(path, content->run, lease.file)) continue;
      if (!remove(content->run) || dry_run) continue;
      if (::unlink(path.c_str()) != 0) throw files::failure("remove", path, errno);
      made_table |= content->run.made_table;
    } catch (const Error& e) {
      log::warning("what run {} left stays until the next run tries again: {}", *run_id, e.message());
    }
  }
  if (!dry_run) files::remove_empty_folders(folder, made_table ? fs::path(root).parent_path() : fs::path(root));
}

std::vector<StagedRun> runs_beside(const std::string& root, const std::string& run_id) {
  std::vector<StagedRun> out;
  for (const auto& name : names_in(lease_folder(root))) {
    const auto other = run_of_lease(name);
    if (!other || *other == run_id) continue;
    if (const auto content = parse_lease(open_lease(lease_path(root, *other)).text, *other))
      out.push_back(content->run);
  }
  return out;
}

}  // namespace metl::table

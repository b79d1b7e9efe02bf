#include "table/removal.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/location.h"
#include "base/log.h"
#include "base/text.h"
#include "storage/store.h"
#include "table/log_entry.h"

namespace metl::table {
namespace {

using files::Descriptor;

constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

// "part-<run id>-<digit>...": not those of "<run id>-compact", a run of its own.
bool is_staged_file(std::string_view name, const std::string& run_id) {
  const std::string prefix = fmt::format("part-{}-", run_id);
  return name.starts_with(prefix) && name.size() > prefix.size() && name[prefix.size()] >= '0' &&
         name[prefix.size()] <= '9' && name.find('/') == std::string_view::npos;
}

std::vector<std::string> names_in(int folder) {
  std::vector<std::string> names;
  const int own = ::openat(folder, ".", kFolder);
  if (own < 0) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(own), ::closedir);
  if (listing == nullptr) {
    ::close(own);
    return names;
  }
  while (const dirent* entry = ::readdir(listing.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// What is removed below one folder that is held open.
class Walk {
 public:
  Walk(const std::string& root, const std::set<std::string>& live, bool removing, std::vector<std::string>& found)
      : root_(root), live_(live), removing_(removing), found_(found) {}

  void file(int folder, const std::string& name, const std::string& below) {
    struct stat entry {};
    if (::fstatat(folder, name.c_str(), &entry, AT_SYMLINK_NOFOLLOW) != 0) return;  // gone already
    const std::string path = fmt::format("{}/{}", root_, below);
    if (!S_ISREG(entry.st_mode)) return keep(path, "it is not a regular file");
    if (live_.contains(below)) return;  // the table's
    if (removing_ && ::unlinkat(folder, name.c_str(), 0) != 0 && errno != ENOENT) return keep(path, errno_text());
    found_.push_back(path);
  }

  // A folder that only the run's engine wrote into, with all in it.
  void own_folder(int parent, const std::string& name, const std::string& below) {
    const std::string path = fmt::format("{}/{}", root_, below);
    const Descriptor folder(::openat(parent, name.c_str(), kFolder | O_NOFOLLOW));
    if (!folder && errno == ENOENT) return;
    if (!folder) return keep(path, errno == ELOOP || errno == ENOTDIR ? "it is not a folder" : errno_text());
    for (const auto& each : names_in(folder.get())) {
      struct stat entry {};
      if (::fstatat(folder.get(), each.c_str(), &entry, AT_SYMLINK_NOFOLLOW) != 0) continue;
      const std::string inside = fmt::format("{}/{}", below, each);
      S_ISDIR(entry.st_mode) ? own_folder(folder.get(), each, inside) : file(folder.get(), each, inside);
    }
    if (!removing_ || ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return;
    if (errno != ENOTEMPTY || !holds_live(below)) keep(path, errno_text());
  }

  bool gone() const { return gone_; }

 private:
  static std::string errno_text() { return std::generic_category().message(errno); }

  bool holds_live(const std::string& folder) const {
    return std::any_of(live_.begin(), live_.end(),
                       [&](const std::string& path) { return path.starts_with(folder + "/"); });
  }

  void keep(const std::string& path, const std::string& why) {
    gone_ = false;
    if (removing_) log::warning("{} cannot be removed now, the next run tries again: {}", path, why);
  }

  const std::string& root_;
  const std::set<std::string>& live_;
  bool removing_;
  std::vector<std::string>& found_;
  bool gone_ = true;
};

}  // namespace

Removal::Removal(std::string root, StagedRun run, const Table* table, What what)
    : root_(std::move(root)), run_(std::move(run)), what_(what) {
  // Even what marks itself as a run's own is judged here once more.
  if (!is_run_id(run_.run_id) || !is_staging_folder(run_.partition, run_.run_id)) {
    throw Error(Cause::kFailed,
                fmt::format("run '{}' of partition '{}' is none of this program's", run_.run_id, run_.partition));
  }
  if (table == nullptr) return;
  for (const auto& file : table->files({})) live_.insert(below_root(file.path, root_));
}

bool Removal::is_live() const {
  const std::string folder = run_.partition + "/";
  return std::any_of(live_.begin(), live_.end(), [&](const std::string& path) {
    return path.starts_with(folder) && is_of_run(std::string_view(path).substr(folder.size()));
  });
}

// A path below the folder that the run staged in.
bool Removal::is_of_run(std::string_view below) const {
  const bool owns = run_.partition == own_folder(run_.run_id);
  if (what_ == What::kScratch) return owns && below.starts_with(fmt::format("{}/", kScratch));
  return owns || is_staged_file(below, run_.run_id) || below.starts_with(own_folder(run_.run_id) + "/");
}

std::vector<std::string> Removal::remote_files() const {
  std::vector<std::string> out;
  if (what_ == What::kScratch && run_.partition != own_folder(run_.run_id)) return out;
  const std::string folder = fmt::format("{}/{}", root_, run_.partition);
  for (const auto& file : storage::list_files(folder, /*deep=*/true)) {
    if (!file.path.starts_with(folder + "/")) continue;
    if (!is_of_run(std::string_view(file.path).substr(folder.size() + 1))) continue;
    if (!live_.contains(below_root(file.path, root_))) out.push_back(file.path);
  }
  return out;
}

bool Removal::visit(bool removing, std::vector<std::string>& found) const {
  Descriptor folder(::open(root_.c_str(), kFolder));  // the table's own folder may be a link: that is its user's choice
  if (!folder) return errno == ENOENT;
  const std::string own = own_folder(run_.run_id);
  const bool owns = run_.partition == own;
  const bool whole = what_ == What::kAll;
  if (!owns && !whole) return true;
  const bool from_root = owns && whole;
  for (const auto& component : from_root ? std::vector<std::string>{} : text::split(run_.partition, '/')) {
    Descriptor next(::openat(folder.get(), component.c_str(), kFolder | O_NOFOLLOW));
    if (!next && errno == ENOENT) return true;
    if (!next) {
      const bool link = errno == ELOOP || errno == ENOTDIR;
      log::warning("what run {} staged in {}/{} is left alone: {}", run_.run_id, root_, run_.partition,
                   link ? "that is a link, or no folder" : std::generic_category().message(errno));
      return false;
    }
    folder = std::move(next);
  }
  Walk walk(root_, live_, removing, found);
  if (owns) {
    whole ? walk.own_folder(folder.get(), own, own)
          : walk.own_folder(folder.get(), std::string(kScratch), fmt::format("{}/{}", own, kScratch));
  } else {
    for (const auto& name : names_in(folder.get())) {
      const std::string below = fmt::format("{}/{}", run_.partition, name);
      if (is_staged_file(name, run_.run_id)) walk.file(folder.get(), name, below);
      if (name == own) walk.own_folder(folder.get(), name, below);
    }
  }
  // Before the lease goes: a power cut must not bring back files that nothing names any more.
  if (removing && !found.empty()) ::fsync(folder.get());
  return walk.gone();
}

std::vector<std::string> Removal::files() const {
  if (is_remote(root_)) return remote_files();
  std::vector<std::string> found;
  visit(/*removing=*/false, found);
  std::sort(found.begin(), found.end());
  return found;
}

bool Removal::remove() const {
  if (is_remote(root_)) {
    storage::remove_files(remote_files());
    return true;
  }
  std::vector<std::string> found;
  return visit(/*removing=*/true, found);
}

}  // namespace metl::table

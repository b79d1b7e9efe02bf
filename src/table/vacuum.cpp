#include "table/vacuum.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/descriptor.h"
#include "base/error.h"
#include "base/files.h"
#include "base/location.h"
#include "base/stop.h"
#include "storage/store.h"
#include "table/lease.h"
#include "table/needed.h"

namespace metl::table {
namespace {

using files::Descriptor;

constexpr size_t kBatch = 1000;  // files that are removed between two looks at the log
constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;
constexpr std::string_view kChangeFeed = "_change_data";

struct Found {
  std::string name;
  uint64_t bytes = 0;
  int64_t modified_millis = 0;
};

struct Listed {
  std::vector<Found> files;
  std::vector<std::string> folders;  // names
};

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool has_uuid(std::string_view text) {
  constexpr std::string_view kForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  for (size_t at = 0; at + kForm.size() <= text.size(); ++at) {
    if (std::equal(kForm.begin(), kForm.end(), text.begin() + static_cast<std::ptrdiff_t>(at),
                   [](char form, char c) { return form == 'x' ? is_hex(c) : c == form; }))
      return true;
  }
  return false;
}

bool has_run_id(std::string_view text) {
  constexpr size_t kLength = std::string_view("00000000T000000-xxxxxxxx").size();
  for (size_t at = 0; at + kLength <= text.size(); ++at) {
    if (is_run_id(text.substr(at, kLength))) return true;
  }
  return false;
}

// Whether writers of Delta tables make such folders below the one at `below` ("" for the table's own).
bool is_writers_folder(std::string_view name, std::string_view below) {
  constexpr size_t kRandomPrefix = 2;
  if (name == kChangeFeed) return below.empty();
  if (name.find('=') != std::string_view::npos) return !name.starts_with('=');
  if (name.starts_with("part-")) return is_run_id(name.substr(5));
  return name.size() == kRandomPrefix &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

class Walk {
 public:
  Walk(const Table& table, const VacuumRequest& request)
      : root_(table.root()), request_(request), needed_(table, request.since_millis) {}

  Vacuumed run() {
    if (is_remote(root_)) {
      visit("", Descriptor());
    } else {
      // The table's own folder may be a link: that is its user's choice.
      Descriptor root(::open(root_.c_str(), kFolder & ~O_NOFOLLOW));
      if (!root) throw files::failure("cannot list", root_, errno);
      visit("", root);
    }
    return out_;
  }

 private:
  void go_on() const {
    stop::check();
    if (request_.before_each) request_.before_each();
  }

  std::string path_of(const std::string& below) const { return below.empty() ? root_ : root_ + "/" + below; }
  static std::string inside(const std::string& below, const std::string& name) {
    return below.empty() ? name : below + "/" + name;
  }

  void visit(const std::string& below, const Descriptor& folder) {
    go_on();
    ++out_.folders;
    Listed listed = is_remote(root_) ? list_store(below) : list_disk(below, folder);
    std::vector<Found> batch;
    for (auto& file : listed.files) {
      if (!is_writers_file(file.name)) {
        ++out_.unknown;
      } else if (file.modified_millis < request_.since_millis && !needed_.holds(inside(below, file.name))) {
        batch.push_back(std::move(file));
        if (batch.size() == kBatch) remove(below, folder, batch);
      }
    }
    remove(below, folder, batch);
    listed.files = {};
    for (const auto& name : listed.folders) {
      if (!is_writers_folder(name, below)) continue;
      if (is_remote(root_)) {
        visit(inside(below, name), Descriptor());
        continue;
      }
      const Descriptor next(::openat(folder.get(), name.c_str(), kFolder));
      if (next) {
        visit(inside(below, name), next);
      } else if (errno != ENOENT && errno != ELOOP && errno != ENOTDIR) {  // gone, or now a link
        throw files::failure("cannot list", path_of(inside(below, name)), errno);
      }
    }
  }

  void remove(const std::string& below, const Descriptor& folder, std::vector<Found>& batch) {
    if (batch.empty()) return;
    go_on();
    if (request_.apply) {
      if (request_.before_first && out_.files == 0) request_.before_first();
      needed_.refresh();
    }
    std::vector<std::string> paths;
    for (const auto& file : batch) {
      if (needed_.holds(inside(below, file.name))) continue;
      paths.push_back(path_of(inside(below, file.name)));
      if (request_.apply && !is_remote(root_) && ::unlinkat(folder.get(), file.name.c_str(), 0) != 0 && errno != ENOENT)
        throw files::failure("cannot remove", paths.back(), errno);
      request_.told(paths.back(), file.bytes);
      ++out_.files;
      out_.bytes += file.bytes;
    }
    if (request_.apply && is_remote(root_)) storage::remove_files(paths);
    batch.clear();
  }

  Listed list_store(const std::string& below) const {
    Listed out;
    for (auto& file : storage::list_files(path_of(below)))
      out.files.push_back({file.path.substr(file.path.rfind('/') + 1), file.bytes, file.modified_millis});
    for (const auto& path : storage::list_folders(path_of(below)))
      out.folders.push_back(path.substr(path.rfind('/') + 1));
    return out;
  }

  // What is neither a regular file nor a folder is not in it: links least of all.
  Listed list_disk(const std::string& below, const Descriptor& folder) const {
    Listed out;
    const int own = ::openat(folder.get(), ".", kFolder);
    const std::unique_ptr<DIR, int (*)(DIR*)> listing(own < 0 ? nullptr : ::fdopendir(own), ::closedir);
    if (listing == nullptr) throw files::failure("cannot list", path_of(below), errno);
    while (const dirent* entry = ::readdir(listing.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
      const std::string name = entry->d_name;
      struct stat facts {};
      if (name == "." || name == ".." || ::fstatat(folder.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0)
        continue;
      const int64_t millis = int64_t{facts.st_mtim.tv_sec} * 1000 + facts.st_mtim.tv_nsec / 1'000'000;
      if (S_ISREG(facts.st_mode)) out.files.push_back({name, static_cast<uint64_t>(facts.st_size), millis});
      if (S_ISDIR(facts.st_mode)) out.folders.push_back(name);
    }
    std::sort(out.files.begin(), out.files.end(), [](const Found& a, const Found& b) { return a.name < b.name; });
    std::sort(out.folders.begin(), out.folders.end());
    return out;
  }

  std::string root_;
  const VacuumRequest& request_;
  Needed needed_;
  Vacuumed out_;
};

}  // namespace

bool is_writers_file(std::string_view name) {
  if (name.starts_with('.') || name.starts_with('_')) return false;
  if (name.ends_with(".bin")) return name.starts_with("deletion_vector_") && has_uuid(name);
  return name.ends_with(".parquet") && (has_uuid(name) || has_run_id(name));
}

Vacuumed vacuum(const Table& table, const VacuumRequest& request) { return Walk(table, request).run(); }

}  // namespace metl::table

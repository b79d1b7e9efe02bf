#include "source/landing.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/location.h"
#include "base/text.h"
#include "base/unicode.h"

namespace metl::source {
namespace {

namespace fs = std::filesystem;

struct CloseFolder {  // no function's address: its attributes are lost on templates
  void operator()(DIR* folder) const { ::closedir(folder); }
};

std::string reason(int number) { return std::generic_category().message(number); }

bool is_hidden(std::string_view name) { return name.starts_with('_') || name.starts_with('.'); }
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// What to do about a failure of the system; `otherwise` where nothing is known of it.
std::string hint_of(int number, std::string_view otherwise) {
  const std::string_view known = advice(cause_of_errno(number));
  return std::string(known.empty() ? otherwise : known);
}

Error unreadable_folder(const std::string& folder, int number) {
  return {cause_of_errno(number), fmt::format("cannot list {}: {}", folder, reason(number)),
          hint_of(number, "Check that the folder may be read by this user.")};
}

Error missing(const std::string& folder) {
  std::error_code failed;
  fs::path present = fs::path(folder).parent_path();
  while (!present.empty() && present != present.root_path() && !fs::is_directory(present, failed))
    present = present.parent_path();
  return {Cause::kInputMissing, fmt::format("raw folder {} does not exist", folder),
          fmt::format("The nearest folder that exists is {}. Check --execution-date, the raw location "
                      "(data.raw.location, or source.location in pipeline.yaml), and whether the day has landed.",
                      present.string())};
}

// Names in a folder, hidden ones not; and errno where it cannot be listed whole.
struct Names {
  std::vector<std::string> names;
  int failed = 0;
};

Names names_in(const std::string& folder) {
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.c_str()));
  if (!open) return {{}, errno};
  Names out;
  errno = 0;
  // Of a stream that no other thread has: safe, for glibc's readdir() keeps its state in the stream.
  while (const dirent* entry = ::readdir(open.get())) {  // NOLINT(concurrency-mt-unsafe)
    if (!is_hidden(entry->d_name)) out.names.emplace_back(entry->d_name);
    errno = 0;
  }
  out.failed = errno;
  return out;
}

// Nothing for what has gone since the folder was listed: the next look at the day tells.
std::optional<struct stat> look_at(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) == 0) return found;
  const int failed = errno;
  struct stat link {};
  const bool there = ::lstat(path.c_str(), &link) == 0;
  if (failed == ENOENT && !there) return std::nullopt;
  const bool dangling = failed == ENOENT && S_ISLNK(link.st_mode);
  std::error_code unread;
  throw Error(cause_of_errno(failed),
              fmt::format("raw file {} cannot be looked at: {}", text::printable(path),
                          dangling ? fmt::format("it is a link to {}, which does not exist",
                                                 text::printable(fs::read_symlink(path, unread).string()))
                                   : reason(failed)),
              dangling ? "Bring back what it points to, or remove the link, and run again."
                       : hint_of(failed,
                                 "Nothing is left out of a day: make the file readable, or move it out of the folder, "
                                 "and run again."));
}

storage::StoredFile stored_file(const std::string& path, const struct stat& found) {
  const auto nanoseconds = [](const timespec& time) { return fmt::format("{}.{:09}", time.tv_sec, time.tv_nsec); };
  // The times alone can be set back, and are by copies that keep them; the last change of the file itself cannot.
  return {path, static_cast<uint64_t>(found.st_size),
          static_cast<int64_t>(found.st_mtim.tv_sec) * 1000 + found.st_mtim.tv_nsec / 1'000'000,
          fmt::format("{} {} {}", nanoseconds(found.st_mtim), nanoseconds(found.st_ctim), found.st_ino)};
}

// Whether a folder holds any file that is not hidden, however deep. One that cannot be listed may.
bool holds_files(const std::string& folder) {
  const Names inside = names_in(folder);
  return inside.failed != 0 || std::any_of(inside.names.begin(), inside.names.end(), [&](const std::string& name) {
           const std::string path = folder + "/" + name;
           struct stat found {};
           const bool is_folder = ::lstat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
           return !is_folder || holds_files(path);
         });
}

std::string described(const std::string& name, std::string_view what) {
  return fmt::format("{} ({})", text::printable(name), what);
}

constexpr const char* kFolder = "a folder with files in it";
std::string other_name(const Contents& contents) {
  return fmt::format("its name does not end in {}", fmt::join(contents.endings(), ", "));
}

// Adds what lies in the folder; `below` is its path from the day's folder, with a '/' behind it, or "".
void add_local(const std::string& folder, const std::string& below, const Contents& contents, Landing& out) {
  Names listed = names_in(folder);
  if (below.empty() && (listed.failed == ENOENT || listed.failed == ENOTDIR)) throw missing(folder);
  if (listed.failed != 0) throw unreadable_folder(folder, listed.failed);
  for (const auto& each : listed.names) {
    const std::string path = folder + "/" + each;
    const std::string name = below + each;
    const auto found = look_at(path);
    if (!found) continue;
    if (S_ISDIR(found->st_mode)) {
      // A link to a folder may lead to one that is above it.
      if (contents.recursive && !fs::is_symlink(path)) {
        add_local(path, name + "/", contents, out);
        continue;
      }
      if (!holds_files(path)) continue;
      out.has_folders = true;
      out.passed_over.push_back(described(name, kFolder));
    } else if (!S_ISREG(found->st_mode)) {
      out.passed_over.push_back(described(name, "neither a file nor a folder"));
    } else if (!contents.has_ending_of(name)) {
      out.passed_over.push_back(described(name, other_name(contents)));
    } else {
      out.files.push_back(stored_file(path, *found));
    }
  }
}

Landing look_at_local_day(const std::string& folder, const Contents& contents) {
  Landing out;
  add_local(folder, "", contents, out);
  std::sort(out.files.begin(), out.files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  std::sort(out.passed_over.begin(), out.passed_over.end());
  return out;
}

// Below a "folder" of a store; an object of no bytes whose name ends like a folder's is only the folder's own mark.
bool holds_objects(const std::string& folder) {
  const auto objects = storage::list_files(folder, /*deep=*/true);
  return std::any_of(objects.begin(), objects.end(), [&](const storage::StoredFile& object) {
    const auto parts = text::split(std::string_view(object.path).substr(folder.size()), '/');
    return object.bytes > 0 && std::none_of(parts.begin(), parts.end(), is_hidden);
  });
}

Landing look_at_remote_day(const std::string& folder, const Contents& contents) {
  Landing out;
  const auto objects = storage::list_files(folder, contents.recursive);
  const auto folders = contents.recursive ? std::vector<std::string>{} : storage::list_folders(folder);
  if (objects.empty() && folders.empty()) {
    throw Error(
        Cause::kInputMissing, fmt::format("raw folder {} does not exist: no object lies below it", folder),
        "Check --execution-date, the raw location (data.raw.location, or source.location in pipeline.yaml), and "
        "whether the day has landed.");
  }
  for (const auto& each : folders) {
    if (is_hidden(name_of(each)) || !holds_objects(each)) continue;
    out.has_folders = true;
    out.passed_over.push_back(described(name_of(each), kFolder));
  }
  for (const auto& object : objects) {
    const std::string name = object.path.substr(folder.size() + 1);
    const auto parts = text::split(name, '/');
    if (std::any_of(parts.begin(), parts.end(), is_hidden)) continue;
    if (contents.has_ending_of(name)) {
      out.files.push_back(object);
    } else if (!contents.recursive || object.bytes > 0) {  // no bytes: a folder's mark, listed without '/'
      out.passed_over.push_back(described(name, other_name(contents)));
    }
  }
  return out;
}

// DuckDB takes texts of UTF-8 alone, and what stands behind a '?' for settings of the request.
void require_readable_names(const Landing& landing) {
  for (const auto& file : landing.files) {
    const bool is_text = text::find_invalid_utf8(file.path) == std::string::npos;
    if (is_text && (!is_remote(file.path) || file.path.find('?') == std::string::npos)) continue;
    throw Error(Cause::kBadInput,
                fmt::format("raw file {} cannot be read: its name {}", text::printable(file.path),
                            is_text ? "holds a '?'" : "is not UTF-8"),
                "Rename it and run again.");
  }
}

}  // namespace

Landing look_at_day(const std::string& folder, const Contents& contents) {
  Landing out = is_remote(folder) ? look_at_remote_day(folder, contents) : look_at_local_day(folder, contents);
  require_readable_names(out);
  return out;
}

Landing look_at(const std::string& place, const Contents& contents) {
  const auto nothing = [&] {
    return Error(Cause::kConfiguration, fmt::format("there is nothing at {}", text::printable(place)),
                 fmt::format("Name a {} file, or a folder of such files.", contents.format()));
  };
  Landing out;
  if (!is_remote(place)) {
    const auto found = look_at(place);
    if (!found) throw nothing();
    if (S_ISDIR(found->st_mode)) return look_at_day(place, contents);
    out.files.push_back(stored_file(place, *found));
  } else if (contents.has_ending_of(place)) {
    for (auto& object : storage::list_files(place.substr(0, place.rfind('/')))) {
      if (object.path == place) out.files.push_back(std::move(object));
    }
    if (out.files.empty()) throw nothing();
  } else {
    try {
      return look_at_day(place, contents);
    } catch (const Error& e) {
      if (e.cause() == Cause::kInputMissing) throw nothing();
      throw;
    }
  }
  require_readable_names(out);
  return out;
}

std::string first_difference(const Landing& before, const Landing& now) {
  auto was = before.files.begin();
  for (const auto& file : now.files) {
    if (was == before.files.end() || file.path < was->path) return file.path + " was added";
    if (file.path > was->path) break;
    if (file != *was) return file.path + " was replaced";
    ++was;
  }
  return was == before.files.end() ? "" : was->path + " was removed";
}

}  // namespace metl::source

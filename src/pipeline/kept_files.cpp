#include "pipeline/kept_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "base/descriptor.h"
#include "base/files.h"
#include "base/location.h"
#include "base/time.h"
#include "pipeline/audit.h"
#include "storage/store.h"
#include "table/lease.h"

namespace metl::pipeline {
namespace {

using files::Descriptor;

constexpr std::string_view kRecordEnd = ".json";
constexpr std::string_view kSampleEnd = ".parquet";
constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW;

// The run's id of "<run id><end>".
std::optional<std::string> run_of(std::string_view name, std::string_view end) {
  if (!name.ends_with(end)) return std::nullopt;
  name.remove_suffix(end.size());
  return table::is_run_id(name) ? std::optional<std::string>(name) : std::nullopt;
}

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

void samples_on_disk(const std::string& path, RunFiles& out) {
  const Descriptor folder(::open(path.c_str(), kFolder));
  if (!folder && errno != ENOENT && errno != ELOOP && errno != ENOTDIR)
    throw files::failure("cannot list", path, errno);
  if (!folder) {
    out.others = errno != ENOENT;  // a link
    return;
  }
  const int own = ::openat(folder.get(), ".", kFolder);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(own < 0 ? nullptr : ::fdopendir(own), ::closedir);
  if (listing == nullptr) throw files::failure("cannot list", path, errno);
  while (const dirent* entry = ::readdir(listing.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    const std::string name = entry->d_name;
    struct stat facts {};
    if (name == "." || name == ".." || ::fstatat(folder.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0)
      continue;
    if (S_ISREG(facts.st_mode) && name.ends_with(kSampleEnd)) {
      out.samples.push_back({fmt::format("{}/{}", path, name), static_cast<uint64_t>(facts.st_size)});
    } else {
      out.others = true;
    }
  }
  std::sort(out.samples.begin(), out.samples.end(),
            [](const KeptFile& a, const KeptFile& b) { return a.path < b.path; });
}

void samples_in_store(const std::string& folder, RunFiles& out) {
  for (const auto& file : storage::list_files(folder, /*deep=*/true)) {
    const bool below = file.path.find('/', folder.size() + 1) != std::string::npos;
    if (below || !file.path.ends_with(kSampleEnd)) {
      out.others = true;
    } else {
      out.samples.push_back({file.path, file.bytes});
    }
  }
}

}  // namespace

std::chrono::system_clock::time_point RunFiles::began() const { return time_of_run(run_id); }

std::chrono::system_clock::time_point time_of_run(const std::string& run_id) {
  const auto part = [&](size_t at) { return std::stoi(run_id.substr(at, 2)); };
  try {
    const Date day =
        Date::parse(fmt::format("{}-{}-{}", run_id.substr(0, 4), run_id.substr(4, 2), run_id.substr(6, 2)));
    return day.start() + std::chrono::hours(part(9)) + std::chrono::minutes(part(11)) + std::chrono::seconds(part(13));
  } catch (const Error&) {
    return std::chrono::system_clock::time_point::max();  // "20219999T...": of no time, so never old
  }
}

std::vector<RunFiles> files_of_runs(const std::string& records) {
  std::map<std::string, RunFiles> runs;
  for (const auto& file : storage::list_files(records)) {
    if (!is_remote(file.path) && std::filesystem::is_symlink(file.path)) continue;
    if (const auto run = run_of(name_of(file.path), kRecordEnd)) runs[*run].record = {{file.path, file.bytes}};
  }
  for (const auto& folder : storage::list_folders(records)) {
    const auto run = run_of(name_of(folder), kSamplesEnd);
    if (!run) continue;
    is_remote(folder) ? samples_in_store(folder, runs[*run]) : samples_on_disk(folder, runs[*run]);
  }
  std::vector<RunFiles> out;
  for (auto& [run_id, run] : runs) {
    run.run_id = run_id;
    out.push_back(std::move(run));
  }
  return out;
}

void remove_samples(const std::string& records, const RunFiles& run) {
  const std::string path = samples_folder(records, run.run_id);
  if (is_remote(path)) {
    std::vector<std::string> paths;
    for (const auto& file : run.samples) paths.push_back(file.path);
    storage::remove_files(paths);
    return;
  }
  const Descriptor parent(::open(records.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // may be a link: its user's
  const Descriptor folder(parent ? ::openat(parent.get(), name_of(path).c_str(), kFolder) : -1);
  if (!folder) return;  // gone, or a link
  for (const auto& file : run.samples) {
    struct stat facts {};
    const std::string name = name_of(file.path);
    if (::fstatat(folder.get(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(facts.st_mode)) continue;
    if (::unlinkat(folder.get(), name.c_str(), 0) != 0 && errno != ENOENT)
      throw files::failure("cannot remove", file.path, errno);
  }
  if (run.others || ::unlinkat(parent.get(), name_of(path).c_str(), AT_REMOVEDIR) == 0) return;
  if (errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST) throw files::failure("cannot remove", path, errno);
}

}  // namespace metl::pipeline

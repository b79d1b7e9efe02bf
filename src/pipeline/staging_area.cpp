#include "pipeline/staging_area.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <map>
#include <set>

#include "base/draft.h"
#include "base/error.h"
#include "base/files.h"
#include "base/location.h"
#include "base/log.h"
#include "base/stop.h"
#include "pipeline/audit.h"
#include "pipeline/kept_files.h"
#include "storage/store.h"
#include "table/removal.h"
#include "table/table.h"

namespace metl::pipeline {
namespace {

namespace fs = std::filesystem;

// What made this run's folders: itself, or a run beside it that is still at work and leaves them to the last.
table::StagedRun with_made_folders(const std::string& root, table::StagedRun run) {
  if (is_remote(root)) return run;
  std::error_code unknown;
  run.made_table = !fs::exists(root, unknown);
  run.made_partition = !fs::exists(fmt::format("{}/{}", root, run.partition), unknown);
  for (const auto& other : table::runs_beside(root, run.run_id)) {
    run.made_table |= other.made_table;
    run.made_partition |= other.made_partition && other.partition == run.partition;
  }
  return run;
}

void remove_made_folder(const std::string& root, const table::StagedRun& run) {
  if (is_remote(root) || !run.made_partition) return;
  const auto others = table::runs_beside(root, run.run_id);
  if (std::any_of(others.begin(), others.end(), [&](const auto& other) { return other.partition == run.partition; }))
    return;  // it may be about to write there
  files::remove_empty_folders(fmt::format("{}/{}", root, run.partition), root);
}

// Whether a file is still there as it was written. Empty, or what is wrong with it.
std::string fault_of_local(const engine::DataFile& file) {
  constexpr std::string_view kMagic = "PAR1";
  const files::Descriptor opened(::open(file.path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!opened) return std::generic_category().message(errno);
  struct stat found {};
  if (::fstat(opened.get(), &found) != 0 || !S_ISREG(found.st_mode)) return "it is not a regular file";
  if (static_cast<uint64_t>(found.st_size) != file.bytes)
    return fmt::format("it has {} bytes, and was written with {}", found.st_size, file.bytes);
  std::array<char, kMagic.size()> end{};
  const auto at = found.st_size - static_cast<off_t>(end.size());
  const bool whole = ::pread(opened.get(), end.data(), end.size(), at) == static_cast<ssize_t>(end.size());
  return whole && std::string_view(end.data(), end.size()) == kMagic ? "" : "its Parquet footer is not there";
}

std::string fault_of_stored(const engine::DataFile& file, const std::map<std::string, uint64_t>& sizes) {
  const auto found = sizes.find(file.path);
  if (found == sizes.end()) return "it is not there";
  return found->second == file.bytes
             ? ""
             : fmt::format("it has {} bytes, and was written with {}", found->second, file.bytes);
}

// Whether a run is in the log. Empty where the log does not hold every version since it began.
std::optional<bool> committed(const table::Table* table, const table::StagedRun& run) {
  if (table == nullptr) return run.base_version < 0 ? std::optional(false) : std::nullopt;
  const auto base = static_cast<uint64_t>(std::max<int64_t>(run.base_version, 0));
  if (table->committed_version_of(run.run_id, base)) return true;
  return table->has_all_versions_since(base) ? std::optional(false) : std::nullopt;
}

DeadRun find_dead(const std::string& root, const table::StagedRun& run, const table::Table* table) {
  const table::Removal removal(root, run, table);
  DeadRun dead;
  dead.run = run;
  const auto known = committed(table, run);
  dead.committed = known.value_or(false) || removal.is_live();
  dead.unknown = !known && !dead.committed;
  dead.files =
      dead.committed ? table::Removal(root, run, table, table::Removal::What::kScratch).files() : removal.files();
  if (dead.unknown && dead.files.empty()) dead.unknown = false;
  dead.gone = !dead.unknown;
  return dead;
}

// The log entry that a dead run of an earlier version was writing, as its store named it: "<version>.json#<n>". Only
// what says itself that it is that run's.
void remove_half_commits(const std::string& root, const table::StagedRun& run) {
  const std::string folder = root + "/_delta_log";
  std::error_code failed;
  if (is_remote(root) || fs::is_symlink(folder, failed)) return;
  for (const auto& file : storage::list_files(folder)) {
    const std::string name = fs::path(file.path).filename();
    const size_t mark = name.find(".json#");
    if (mark != 20 || !std::all_of(name.begin(), name.begin() + 20, [](unsigned char c) { return std::isdigit(c); }))
      continue;
    const auto text = files::read(file.path, files::Links::kRefused);
    if (text && text->find(run.run_id) != std::string::npos) storage::remove_files({file.path});
  }
}

bool is_older_draft(std::string_view name) {
  constexpr std::string_view kDraft = ".draft";
  if (name.ends_with(kDraft)) return table::is_run_id(name.substr(0, name.size() - kDraft.size()));
  const size_t dot = name.rfind('.');
  if (!name.starts_with('.') || dot == 0 || dot + 1 == name.size()) return false;
  const auto process = name.substr(dot + 1);
  if (!std::all_of(process.begin(), process.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) return false;
  constexpr std::string_view kRecord = ".json";
  const auto target = name.substr(1, dot - 1);
  return target == "history.jsonl" ||
         (target.ends_with(kRecord) && table::is_run_id(target.substr(0, target.size() - kRecord.size())));
}

constexpr std::chrono::hours kUntouched{24};  // of samples whose run left no record: it died before it could

// The samples of failing rows that a run kept, and then died: no record names them, and nobody touched them lately.
bool is_of_the_dead(const std::string& records, const RunFiles& run) {
  if (!run.record.empty()) return false;
  std::error_code absent;
  const auto touched = fs::last_write_time(samples_folder(records, run.run_id), absent);
  return !absent && touched <= fs::file_time_type::clock::now() - kUntouched;
}

}  // namespace

StagingArea::StagingArea(const std::string& table_root, const std::string& partition, const std::string& run_id,
                         int64_t base_version, const std::string& day)
    : root_(table_root),
      run_(with_made_folders(root_,
                             {.run_id = run_id, .partition = partition, .base_version = base_version, .day = day})),
      lease_(table::take_lease(root_, run_)) {
  try {
    storage::make_folder(folder());
  } catch (...) {
    lease_->withdraw();
    throw;
  }
}

StagingArea::~StagingArea() {
  const stop::Hold whole(stop::Hold::For::kCleanup);
  bool clean = true;
  if (!abandoned_) {
    try {
      const auto table = kept_ ? std::nullopt : table::Table::open(root_);
      const auto what = kept_ ? table::Removal::What::kScratch : table::Removal::What::kAll;
      clean = table::Removal(root_, run_, table ? &*table : nullptr, what).remove();
    } catch (const std::exception& e) {
      clean = false;  // the lease stays for the next run to try
      log::warning("staged files are left behind, which the next run removes: {}", e.what());
    }
  }
  if (clean && !abandoned_) lease_->withdraw();
  if (clean && !kept_) remove_made_folder(root_, run_);
}

std::string StagingArea::folder() const { return fmt::format("{}/{}", root_, run_.partition); }
std::string StagingArea::name_prefix() const { return "part-" + run_.run_id; }
std::string StagingArea::scratch() const {
  const std::string path = fmt::format("{}/{}", folder(), table::kScratch);
  storage::make_folder(path);
  return path;
}

std::string StagingArea::relative(const std::string& path) const { return path.substr(root_.size() + 1); }

void StagingArea::make_durable(const std::vector<engine::DataFile>& files) const {
  if (is_remote(root_)) return;          // an object that is there is durable
  std::set<fs::path> folders{folder()};  // an engine may put its files into a folder of their own
  for (const auto& file : files) {
    stop::check();
    files::sync(file.path);
    folders.insert(fs::path(file.path).parent_path());
  }
  for (const auto& each : folders) files::sync(each);
  files::sync(root_);
}

void StagingArea::require_held(const std::vector<engine::DataFile>& files) const {
  lease_->require_held();
  std::map<std::string, uint64_t> sizes;
  if (is_remote(root_) && !files.empty()) {
    for (const auto& file : storage::list_files(folder(), /*deep=*/true)) sizes.emplace(file.path, file.bytes);
  }
  for (const auto& file : files) {
    const std::string fault = is_remote(root_) ? fault_of_stored(file, sizes) : fault_of_local(file);
    if (fault.empty()) continue;
    throw Error(Cause::kConflict, fmt::format("the staged file {} is not what this run wrote: {}", file.path, fault),
                "Somebody removed or changed it. Run again.");
  }
}

void StagingArea::discard(const std::vector<std::string>& paths) const {
  if (paths.empty()) return;
  const auto own = table::Removal(root_, run_, nullptr).files();
  std::vector<std::string> unneeded;
  for (const auto& path : paths) {
    if (std::find(own.begin(), own.end(), path) != own.end()) unneeded.push_back(path);
  }
  storage::remove_files(unneeded);
}

std::vector<DeadRun> remove_dead_runs(const std::string& root, std::chrono::seconds stale, bool dry_run) {
  std::vector<DeadRun> out;
  table::for_dead_runs(root, stale, dry_run, [&](const table::StagedRun& run) {
    auto table = table::Table::open(root);
    DeadRun dead = find_dead(root, run, table ? &*table : nullptr);
    // A run that died may have sent its commit just before, and a store may get to it just after. Nothing sent by who
    // is known to be dead can become a version behind the fence. What a dead process did to a disk is done.
    if (is_remote(root) && table && !dead.committed && !dead.unknown && !dry_run) {
      table->fence();
      table = table::Table::open(root);
      dead = find_dead(root, run, table ? &*table : nullptr);
    }
    if (dead.unknown) {
      log::warning("whether run {} was published is not in the log any more; its {} staged files stay", run.run_id,
                   dead.files.size());
    } else if (dead.committed) {
      if (!dry_run) dead.gone = table::Removal(root, run, nullptr, table::Removal::What::kScratch).remove();
    } else {
      if (!dry_run) dead.gone = table::Removal(root, run, table ? &*table : nullptr).remove();
      if (!dry_run && dead.gone) remove_made_folder(root, run);
      log::warning("run {} died before it published; {} its {} staged files", run.run_id,
                   dry_run ? "would remove" : "removed", dead.files.size());
    }
    if (!dry_run && !dead.unknown) remove_half_commits(root, run);
    const bool gone = dead.gone;
    out.push_back(std::move(dead));
    return gone;
  });
  if (is_remote(root)) return out;
  for (const char* folder : {"/_staging", "/_delta_log"}) files::sweep_drafts(root + folder, dry_run, is_older_draft);
  if (!dry_run) files::remove_empty_folders(root + "/_staging", root);
  return out;
}

std::vector<std::string> sweep_records(const std::string& warehouse, bool dry_run) {
  std::vector<std::string> out;
  if (is_remote(warehouse)) return out;
  for (const char* folder : {"/_runs", "/_checks"}) {
    for (const auto& path : files::sweep_drafts(warehouse + folder, dry_run, is_older_draft)) out.push_back(path);
  }
  const std::string records = warehouse + "/_runs";
  try {
    for (const auto& run : files_of_runs(records)) {
      if (!is_of_the_dead(records, run)) continue;
      for (const auto& file : run.samples) out.push_back(file.path);
      if (!dry_run) remove_samples(records, run);
    }
  } catch (const std::exception& e) {
    log::warning("samples that dead runs left are not removed: {}", e.what());
  }
  return out;
}

}  // namespace metl::pipeline

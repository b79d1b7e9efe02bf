// A file that is written beside its final name, and what becomes of it when its writer is killed.
//
// Nobody can guess its name, so nobody can have put a link there; and its writer holds its lock (flock), so an unlocked
// draft is a dead one. Where locks are not shared between machines a living draft may be swept: its writer finds that
// out when it publishes, and writes it anew.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/descriptor.h"

namespace metl::files {

class Draft {
 public:
  // ".<name of target>.<16 hex digits>.draft" beside `target`, made for this process alone and locked. `mode`: rights
  // of the file, whatever the umask; without it 0644 less the umask. Empty when the folder is not there. Throws
  // Error.
  static std::optional<Draft> make(const std::filesystem::path& target, std::optional<mode_t> mode);

  Draft(Draft&& other) noexcept;
  Draft& operator=(Draft&&) = delete;
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft();  // removes it unless it was published

  // Writes all of it and flushes it to the disk. Throws Error.
  void write(std::string_view content);

  // Gives it its final name, in place of what has it. False when the draft was removed meanwhile, by a sweeper or with
  // its folder: make another. Throws Error. The folder is not flushed.
  bool publish();

  // The published file, still open and locked.
  Descriptor take() { return std::move(file_); }

 private:
  Draft(std::filesystem::path target, std::filesystem::path path, Descriptor file)
      : target_(std::move(target)), path_(std::move(path)), file_(std::move(file)) {}

  std::filesystem::path target_;
  std::filesystem::path path_;  // empty once it is published
  Descriptor file_;
};

// How often writers make a draft anew that was swept before its time.
constexpr int kDraftAttempts = 10;

// Whether a file's name is that of a draft.
bool is_draft(std::string_view name);

// The drafts of dead writers that lie in this folder itself: removed, or with `dry_run` only named. Links, what is
// locked and what is no regular file stay, and so does all below a folder that is a link. `is_older_form`, if given,
// knows names that earlier versions gave their drafts; these had no lock, so an hour's rest tells that they are dead.
// What cannot be removed stays for later. Never throws.
std::vector<std::filesystem::path> sweep_drafts(
    const std::filesystem::path& folder, bool dry_run,
    const std::function<bool(std::string_view name)>& is_older_form = {}) noexcept;

}  // namespace metl::files

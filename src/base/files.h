// Local files with the care that a database takes: durable writes, durable folders, names that are no data.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "base/error.h"

namespace metl::files {

// Rights of what holds rows of people, or tells of them, unless configured: its owner's alone.
constexpr mode_t kPrivate = 0600;

// What went wrong with a path, by errno, and what to do about it.
Error failure(std::string_view what, const std::filesystem::path& path, int number);

// Flushes a file's bytes, or a folder's entries, to the disk. Throws Error.
void sync(const std::filesystem::path& file_or_folder);

// Creates a folder and its missing parents; every parent that got a new entry is flushed. What root makes in the folder
// of another user is that user's. Throws Error with the path.
void create_folders(const std::filesystem::path& folder);

// Writes a whole new file and flushes it and its folder; a reader never sees half of it. A link that has its name is
// replaced, not followed. `mode` as in draft.h. Throws Error.
void write(const std::filesystem::path& file, std::string_view content, std::optional<mode_t> mode = std::nullopt);

enum class Links { kFollowed, kRefused };

// The whole text of a file; empty when there is none. Throws Error, also for what is no regular file and
// for more than 256 MB.
std::optional<std::string> read(const std::filesystem::path& file, Links links = Links::kFollowed);

// Holds the lock of a file, created when absent, as long as it lives; waits for other processes and threads that hold
// it, but no longer than kLongestWait. Throws Error, also for a link and for what is no regular file.
class Lock {
 public:
  static constexpr std::chrono::seconds kLongestWait{10};
  explicit Lock(const std::filesystem::path& file, std::optional<mode_t> mode = std::nullopt);

 private:
  Descriptor fd_;
};

// Removes a folder and then its parents, up to but without `root`, as far as they are empty. Links to folders are never
// removed. Never throws.
void remove_empty_folders(std::filesystem::path folder, const std::filesystem::path& root) noexcept;

}  // namespace metl::files

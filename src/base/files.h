// Local files with the care that a database takes: durable writes, durable folders, names that are no data.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace metl::files {

// Flushes a file's bytes, or a folder's entries, to the disk. Throws Error{kRunFailed}.
void sync(const std::filesystem::path& file_or_folder);

// Creates a folder and its missing parents; every parent that got a new entry is flushed. Throws Error{kRunFailed} with
// the path.
void create_folders(const std::filesystem::path& folder);

// Writes a whole new file and flushes it and its folder; a reader never sees half of it. Throws Error{kRunFailed}.
void write(const std::filesystem::path& file, std::string_view content);

// The whole text of a file; empty when there is none. Throws Error{kRunFailed}.
std::optional<std::string> read(const std::filesystem::path& file);

// Holds the lock of a file, created when absent, as long as it lives; waits for other processes and threads that hold
// it. Throws Error{kRunFailed}.
class Lock {
 public:
  explicit Lock(const std::filesystem::path& file);
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock();

 private:
  int fd_;
};

// Removes a folder and then its parents, up to but without `root`, as far as they are empty. Never throws.
void remove_empty_folders(std::filesystem::path folder, const std::filesystem::path& root) noexcept;

}  // namespace metl::files

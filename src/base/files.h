// Local files with the care that a database takes: durable writes, durable folders, names that are no data.
#pragma once

#include <filesystem>
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

// Removes a folder and then its parents, up to but without `root`, as far as they are empty. Never throws.
void remove_empty_folders(std::filesystem::path folder, const std::filesystem::path& root) noexcept;

}  // namespace metl::files

// Files of a lake, in local folders or in an object store: the verbs that the run needs besides tables and Parquet.
// Local files keep the care of base/files.h; an object is durable when its request has succeeded.
//
// All throw Error that says which action failed on which path. Requests that fail for the moment (5xx, 429,
// resets, timeouts) are tried again, bounded, and logged.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/text_file.h"
#include "storage/access.h"

namespace metl::storage {

struct StoredFile {
  std::string path;
  uint64_t bytes = 0;
  int64_t modified_millis = 0;  // by the clock of the store
  std::string version;          // changes with the content: ETag or time
  auto operator<=>(const StoredFile&) const = default;
};

// How stores are reached from now on, by tables too. Once a process, before the first use of a location in a store.
void use_storage(const StorageAccess& access);

// Puts into `access` the identity of a role or service account, for who cannot ask for it itself. Throws
// Error{kConfiguration} when there is none.
void add_identity(StorageAccess& access, const std::string& location);

// The files of a folder ordered by path, with `deep` those below it too. None when there is no such folder.
std::vector<StoredFile> list_files(const std::string& folder, bool deep = false);

// Its folders, as paths ordered by name.
std::vector<std::string> list_folders(const std::string& folder);

// Empty where there is no such file.
std::optional<std::string> read_text(const std::string& path);

// Local: with missing folders, durable, seen whole or not at all; `mode`: rights of the file, as base/draft.h says.
void write_text(const std::string& path, const std::string& text, std::optional<mode_t> mode = std::nullopt);

// Creates an object; false when there is one. Remote only.
bool create_object(const std::string& path, const std::string& text);

// Replaces an object if it is there and nobody replaced it meanwhile; false otherwise. Remote only.
bool touch_object(const std::string& path, const std::string& text);

// Files of one bucket or of the disk; what is not there is no error. On a disk only regular files: never a link.
void remove_files(const std::vector<std::string>& paths);

// So that `folder` can be written into. Does nothing in a store, where folders are only a part of names.
void make_folder(const std::string& folder);

// The same for what only those may read whom `mode` names, rights of the files in it.
void make_private_folder(const std::string& folder, mode_t mode);

// Gives a local file, no link, these rights. Does nothing in a store, which has rights of its own.
void set_mode(const std::string& path, mode_t mode);

// `mode` as above, of a local file.
TextFile text_file(const std::string& path, std::optional<mode_t> mode = std::nullopt);

}  // namespace metl::storage

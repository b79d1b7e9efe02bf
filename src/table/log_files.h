// The files of a Delta log, by their names: <version of 20 digits>.<kind>. Internal to src/table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/store.h"

namespace metl::table {

struct LogFile {
  storage::StoredFile file;
  uint64_t version = 0;
  std::string rest;  // of its name

  bool is_entry() const { return rest == ".json"; }
  bool is_checkpoint() const { return rest.starts_with(".checkpoint"); }  // or a part of one
};

// Of the table at `root`, by version, ascending; without what lies beside them. Throws Error when the folder cannot be
// listed.
std::vector<LogFile> log_files(const std::string& root);

}  // namespace metl::table

// What became of a table, version by version, as its log tells; and which older versions can still be read.
//
// Read from the entries themselves, one at a time: a log of any length costs the memory of one entry and of its
// folder's listing.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "table/table.h"

namespace metl::table {

// Files that a version added or removed.
struct Moved {
  int64_t files = 0;
  int64_t rows = 0;  // -1 where a file says nothing of its rows
  int64_t bytes = 0;
};

struct HistoryEntry {
  uint64_t version = 0;
  int64_t millis = 0;  // when it was committed, since the epoch: what the commit says, or else the time of its file
  std::string operation;
  std::map<std::string, std::string> parameters;
  std::map<std::string, std::string> metrics;
  std::string program;  // commitInfo.engineInfo
  std::string user;     // "" where the writer does not say
  std::string run_id;   // of this program's commits, else ""
  std::string user_metadata;
  Moved in;
  Moved out;
  std::vector<Partition> partitions;  // of these files, each once
};

// The versions whose entries the log still holds, newest first, until `visit` says to stop (false). Throws Error for an
// entry that is torn.
void visit_history(const std::string& root, const std::function<bool(const HistoryEntry& entry)>& visit);

// Versions that can be read: those behind a checkpoint, or version 0, without a gap. Ascending.
std::vector<uint64_t> readable_versions(const std::string& root);

// The files that are not among the others, by path. A file with other deleted rows is another one.
std::vector<File> without(std::vector<File> files, std::vector<File> others);

// That version of the table. Throws Error{kUsage} when it cannot be read, with those that can.
Table open_version(const std::string& root, uint64_t version);

// The newest version that was committed by then, if its entry is still there. Throws Error{kUsage} when there is none.
uint64_t version_as_of(const std::string& root, int64_t millis);

}  // namespace metl::table

// What one entry of the Delta log did, as far as conflicts and unknown outcomes are concerned; and the URL encoding of
// its paths. Internal to src/table.
//
// Rejected: the kernel's own conflict answer, which says only that a version exists, and comparing files, which does
// not see that somebody emptied a partition which had none.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "table/table.h"

namespace metl::table {

struct LogEntry {
  bool changes_table = false;         // schema, properties or protocol
  bool unplaced = false;              // removes a file without saying of which partition
  std::vector<Partition> partitions;  // touched; repeats possible
  std::vector<std::string> app_ids;   // of its transactions
  std::string run_id;                 // of our own commits, else ""
  std::string user_metadata;          // as it stands there; "" for none
};

// The entry's text as it stands in the file. Throws Error, naming `path`, when it is torn.
LogEntry parse_log_entry(const std::string& text, const std::string& path);

// True when a change of these partitions must not be put on top of `entry` unseen: the entry touches one of them, has
// the same `app_id` (a run of the same day, which may have touched others), or changes the table itself.
bool conflicts(const LogEntry& entry, const std::vector<Partition>& changed, const std::string& app_id);

// commitInfo.tags of our own commits; parse_log_entry reads them back.
std::map<std::string, std::string> commit_tags(const std::vector<Partition>& changed, const std::string& run_id);

// A relative path of a file as the log has it (RFC 2396), and back. Slashes, '=' and unreserved characters stay as they
// are.
std::string encode_path(std::string_view path);
std::string decode_path(std::string_view path);

// A decoded path of the log, below the table's root, whichever way the log has it; as it is for what lies elsewhere.
std::string below_root(std::string_view path, std::string_view root);

}  // namespace metl::table

// How long a table's properties say that what is not needed any more stays: data files that no version names, and
// entries of the log.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "table/table.h"

namespace metl::table {

// "interval 1 week", "interval 2 days 12 hours": Spark's words for a length of time. Empty for anything else.
std::optional<std::chrono::seconds> parse_interval(std::string_view text);

// delta.deletedFileRetentionDuration, or a week. Throws Error for a text that is no length of time: nothing is guessed.
std::chrono::seconds deleted_file_retention(const Table& table);

// delta.logRetentionDuration, or 30 days; never less than that of deleted files, whose removal the log tells. The same.
std::chrono::seconds log_retention(const Table& table);

// What is said of each file that goes, or would.
using Told = std::function<void(const std::string& path, uint64_t bytes)>;

// Removes the entries and checkpoints of the log that are older than log_retention() and stand before a checkpoint from
// which the versions since can all be read; the oldest first, so that a log which is cut short here has no gap. Keeps
// what a run with a lease may look for. Nothing where delta.enableExpiredLogCleanup is false. Their number; without
// `apply` only tells. Throws Error.
int64_t clean_log(const Table& table, int64_t now_millis, bool apply, const Told& told);

}  // namespace metl::table

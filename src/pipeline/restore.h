// An older version made the newest again: of a whole table, or of one day. No file is written: the commit names those
// of the older version once more, and takes out what came since. What it would make live is audited before it is.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/run.h"

namespace metl::pipeline {

struct RestoreRequest {
  RunRequest run;           // of the pipeline whose table it is; its day does not count
  uint64_t version = 0;     // to be made the newest again
  std::optional<Date> day;  // nothing said: the whole table
};

struct RestoreReport {
  std::string run_id;
  uint64_t from = 0;                // the newest version before
  std::optional<uint64_t> version;  // of the commit; empty when nothing was to be done, or nothing was done
  int64_t files_restored = 0;
  int64_t files_removed = 0;
  uint64_t bytes_restored = 0;
  std::vector<std::pair<std::string, quality::ScanResult>> checks;  // by day; "" for a table without days

  bool changes() const { return files_restored + files_removed > 0; }
  bool passed() const;
};

// With `run.dry_run` all but the commit. When the checks do not pass, nothing is changed. A day that had no rows then
// is emptied, and not checked. Throws Error{kUsage} for a version that cannot be read and a table without days,
// Error{kNotFound} that names the files that are gone, Error{kDisagreement} for a version with other columns,
// Error{kConflict} when somebody changed the same partitions meanwhile, Error{kUnknownOutcome}.
RestoreReport restore(engine::Engine& engine, const RestoreRequest& request);

}  // namespace metl::pipeline

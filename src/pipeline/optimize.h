// Small files of a table made into few, deletion vectors applied, rows put in order: partition by partition, each in a
// commit of its own, beside runs and other writers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/compaction.h"
#include "pipeline/run.h"

namespace metl::pipeline {

struct OptimizeRequest {
  RunRequest run;                             // of the pipeline whose table it is; its day does not count
  std::optional<std::pair<Date, Date>> days;  // only partitions of these; the last one is among them
  table::Partition partition;                 // only those with these values; some columns or none
  bool cluster = false;                       // CompactionRules
  std::function<void()> before_each = {};     // before a partition is begun; what it throws ends the work
};

// What became of a partition in which there was something to do.
struct OptimizedPartition {
  enum class Kind {
    kDone,
    kPlanned,  // a dry run
    kLeft,     // somebody else changed it meanwhile: the next time finds it again
    kFailed,   // it cannot be read or written
  };
  Kind kind = Kind::kPlanned;
  Rewrite rewrite;
  std::string run_id = {};  // of the commit
  uint64_t version = 0;     // kDone: of the commit
  int64_t files_added = 0;  // kDone
  uint64_t bytes_added = 0;
  int64_t rows_purged = 0;
  std::string why = {};  // kLeft, kFailed
};

struct OptimizeReport {
  std::vector<OptimizedPartition> partitions;  // in their order

  size_t count(OptimizedPartition::Kind kind) const;
};

// A partition that was changed meanwhile, or that cannot be read, is left as it is and told; the others go on. Throws
// Error{kUsage} for days or a partition that the table cannot have, Error{kConfiguration} for another pipeline's table,
// Error{kNotSupported} for one that must not be compacted, and Error for what no partition could do better with.
OptimizeReport optimize(engine::Engine& engine, const OptimizeRequest& request);

}  // namespace metl::pipeline

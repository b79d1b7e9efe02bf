// Files of a partition made into fewer and larger ones: the same rows, sorted as the pipeline sorts its files, without
// those that deletion vectors took out. One commit a partition, which changes no data.
//
// What it made is not made again: files that are small because their rows are few, and whole partitions that were
// sorted, are known by the tags that their add actions have in the log. Rejected: to tell by sizes alone, which would
// write the same rows again and again where files come out smaller than they were meant to be.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/definition.h"
#include "table/table.h"

namespace metl::pipeline {

struct CompactionRules {
  uint64_t target_bytes = 128'000'000;  // files of less than half of it are small
  bool cluster = false;                 // also partitions whose rows are not all in one order
};

// Files of one partition that are to become others.
struct Rewrite {
  table::Partition partition;  // with all of the table's partition columns; "" stands for NULL
  std::vector<table::File> files;
  size_t small = 0;    // files that are small
  size_t vectors = 0;  // files that have a deletion vector
  bool whole = false;  // these are all files of the partition

  uint64_t bytes() const;
};

// What the rules make of live files, ordered by partition: of each partition all of its files are given, or none.
// Files with a deletion vector always go, small ones when they came from more than one place. A partition with files of
// another table, as a shallow clone has them, is left alone.
std::vector<Rewrite> rewrites_of(const std::vector<table::File>& live,
                                 const std::vector<std::string>& partition_columns,
                                 const std::vector<std::string>& cluster_by, const CompactionRules& rules);

// "(run_date = '2021-01-01')", as Spark and delta-rs write it; "" for a table without partitions.
std::string predicate_of(const table::Partition& partition);

// Throws Error{kNotSupported} for a table that must not be compacted, naming the feature.
void require_compactable(const table::Table& table);

struct Compaction {
  const table::Table& table;    // on which the rewrite was decided
  const Definition& pipeline;   // as the table spells it
  engine::WriteOptions layout;  // of the new files; its folder and names do not count
  std::string run_id;           // table::is_run_id
  bool automatic = false;       // after a run, not asked for
};

struct Compacted {
  table::CommitOutcome outcome;
  int64_t files = 0;  // that came
  uint64_t bytes = 0;
  int64_t rows = 0;
  int64_t purged = 0;  // rows that deletion vectors had taken out
};

// Writes the new files and commits. After a conflict nothing has changed and nothing is left; after an unknown outcome
// the files stay for the next run to judge. Throws Error when the files cannot be read or written, or the rows do not
// add up; Error{kConflict} when one of the files is not live any more: in both cases nothing has changed.
Compacted compact(engine::Engine& engine, const Compaction& what, const Rewrite& rewrite);

}  // namespace metl::pipeline

// What a write mode makes of a run's staged rows: for each partition that they belong to, the files that come and the
// live files that go. A value of one version of the table: on a newer version it is made anew.
//
// A run that replaces its day (Definition::replaces_its_day) needs none of this; all other runs stage their rows whole,
// and here they are written a second time, partition by partition. Rejected: to stage them by partition at once, for
// which a merge has no use and DuckDB no way that also bounds the files' sizes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "pipeline/definition.h"
#include "pipeline/staging_area.h"
#include "table/table.h"

namespace metl::pipeline {

// A partition to which staged rows belong.
struct TouchedPartition {
  table::Partition values;
  int64_t rows = 0;
  // Of each column of the merge's key, as text: the least and the greatest value; nothing where a row has NULL there.
  std::vector<std::optional<std::pair<std::string, std::string>>> bounds;
};

// Rows; all of them add up, or place() says that the run is at fault.
struct Effect {
  int64_t partitions = 0;
  int64_t inserted = 0;   // staged rows that are in the table now, and take no other row's place
  int64_t updated = 0;    // staged rows that took the place of an older row of their key
  int64_t unchanged = 0;  // staged rows that the table has already, or has newer
  int64_t copied = 0;     // the table's rows that were written again beside them
  int64_t removed = 0;    // the table's rows that are not there any more, those of updated keys included
  int64_t files_written = 0;
  uint64_t bytes_written = 0;
  int64_t files_removed = 0;
};

// The files of one partition. Nothing said of what to remove: all its live files.
struct PartitionFiles {
  table::Partition partition;
  std::vector<engine::DataFile> add;
  std::optional<std::vector<std::string>> remove;  // as Table::files() names them
};

struct Placement {
  std::vector<PartitionFiles> partitions;
  Effect effect;
};

// What there is to place. All of it outlives the placing.
struct Staged {
  const Definition& pipeline;  // as the table spells it
  source::Interval interval;
  const std::vector<engine::DataFile>& files;
  const StagingArea& area;
  const engine::WriteOptions& layout;  // of the table's files; its folder does not count
};

inline constexpr std::string_view kNullFolder = "__HIVE_DEFAULT_PARTITION__";  // Hive's and Spark's for a NULL

// "/order_date=2021-01-01/country=C_te": below a run's own folder, for people and for Polars, which wants such a folder
// above every file. What tells the partition is the log, and what tells files of two such folders apart is their name.
std::string folder_below(const Definition& pipeline, const table::Partition& partition);

// Staged files, with the columns that the run fills.
engine::FileGroup staged_group(const Definition& pipeline, const source::Interval& interval,
                               const std::vector<engine::DataFile>& staged);

// The partitions of the staged rows. Throws Error{kBadInput} when a row has none, or there are more of them than the
// pipeline lets one run touch.
std::vector<TouchedPartition> touched_partitions(engine::Engine& engine, const Staged& staged);

// Writes the files, and makes them durable. `attempt` tells its files from those of an earlier one. Throws Error, also
// when rows do not add up.
Placement place(engine::Engine& engine, const Staged& staged, const std::vector<TouchedPartition>& touched,
                const table::Table& table, int attempt);

}  // namespace metl::pipeline

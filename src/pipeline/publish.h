// From placed files to a version of the table: schema agreement, the commit, upkeep.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/stop.h"
#include "engine/engine.h"
#include "pipeline/agreement.h"
#include "pipeline/definition.h"
#include "pipeline/placement.h"
#include "pipeline/staging_area.h"
#include "table/table.h"

namespace metl::pipeline {

struct Publication {
  const Definition& pipeline;  // as the table spells it
  const Agreement& agreement;  // what was staged for
  std::string table_name;
  std::string table_root;
  source::Interval interval;
  std::string run_id;
  std::shared_ptr<const table::Table> base;  // the table just after the raw files were listed; null without one
  bool evolve = false;
  bool take_over = false;               // of a table that is another pipeline's
  std::function<void()> require_input;  // throws Error{kConflict} unless the raw files are still those that were staged
};

// What one commit is to change, on one version of the table.
struct Arrangement {
  std::vector<PartitionFiles> partitions;
  std::string user_metadata;  // JSON
  std::map<std::string, std::string> metrics;
  std::map<std::string, int64_t> marks = {};           // pipeline/made_of.h
  std::map<std::string, std::string> properties = {};  // of the table
};
// The files that it gives are durable (StagingArea::make_durable).
using Arrange = std::function<Arrangement(const table::Table& table, int attempt)>;

// The files of a run that replaces its day: they are what was staged.
PartitionFiles whole_day(const Publication& what, std::vector<engine::DataFile> staged);

struct Published {
  uint64_t version = 0;
  int64_t files_replaced = 0;
  std::shared_ptr<const table::Table> table;  // a version before it, with which the commit began
};

// Commits what `arrange` makes of the newest version, creating the table when there is none. When another run changed
// one of the partitions since, it is arranged anew: the last to commit changes what the others left, as if it had run
// last; but never when the raw files have changed: the result would be of files that are no more. `whole` is held from
// before the commit on; the caller lets it go. Throws Error{kConflict} when that does not end well, Error
// when the commit failed; in both cases nothing was published. When the outcome is unknown, the files are kept and an
// Error{kUnknownOutcome} says so: neither is to be said of the day.
Published publish(const Publication& what, StagingArea& staging, const Arrange& arrange,
                  std::optional<stop::Hold>& whole);

// The folder in which a run stages: "run_date=2021-01-01" of one that replaces its day, else one of its own.
std::string staging_folder(const Definition& pipeline, const source::Interval& interval, const std::string& run_id);

// After a publication of so many files: compacts the partition when it holds many small files (its own commit, same
// rows), and writes a checkpoint when the last one, whoever wrote it, is the table's interval away. A failure is
// logged, never thrown: the day is published.
void upkeep(engine::Engine& engine, const Publication& what, const engine::WriteOptions& layout,
            const Published& published, size_t files);

}  // namespace metl::pipeline

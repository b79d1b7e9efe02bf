// Where bad rows lie: the Delta table `<table>__quarantine` beside the table, with a partition for each run of a day.
//
// Two tables have no commit in common. So a run puts its bad rows there first, under its own id, and beside those of
// the run before, which stay; the one commit of the table then names the run whose rows count, in a mark of the day
// (table::Table::marks). Only afterwards go the rows that count no more. Whenever a run dies, the mark says which rows
// are in force: those of the run whose good rows the table holds. What is left over goes with the next settle().
// Rejected: to overwrite the day's partition before or after the table's commit. Between the two, and for ever where
// the run dies there, rows would be in both tables or in none (docs/decisions/0020).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/definition.h"
#include "pipeline/run.h"
#include "pipeline/staging_area.h"
#include "table/table.h"

namespace metl::pipeline {

std::string quarantine_root(const std::string& table_root);

// Properties that the next commit of the table sets when the run may set rows aside, and its mark; `run_id` of the run
// whose rows are in force for the day from that commit on.
std::map<std::string, std::string> quarantine_properties();
std::pair<std::string, int64_t> quarantine_mark(const Definition& pipeline, const source::Interval& interval,
                                                const std::string& run_id);

// Whether some run may have set rows of this table aside.
bool has_quarantine(const table::Table& table);

// The rows that one run set aside.
struct SetAside {
  table::Partition day;  // the partition of the table that they would be in
  std::string run_id;
  std::vector<table::File> files;
  int64_t rows = 0;
  // The table names this run for the day: the rows count.
  bool in_force = false;
  // It names another one. Neither of both: it names none, as where the day's only run died before it published.
  bool is_superseded = false;
};

// All there are, by day. `table` and `quarantine` are versions opened in this order: the quarantine first.
std::vector<SetAside> all_set_aside(const table::Table& quarantine, const std::optional<table::Table>& table);

// A day's bad rows on their way into the quarantine.
class Quarantining {
 public:
  // Opens the quarantine, or makes it: private, and the pipeline's own. Adds columns that the source has got since.
  // Throws Error, also for columns whose type is another now.
  Quarantining(const Definition& pipeline, const source::Interval& interval, const std::string& table_root,
               const std::string& run_id, mode_t record_mode);

  // Writes the rows of these files and commits them; they do not count yet. Throws Error.
  void commit(engine::Engine& engine, const std::vector<engine::DataFile>& bad, const engine::WriteOptions& layout);

 private:
  const Definition& pipeline_;
  source::Interval interval_;
  std::string run_id_;
  mode_t mode_;
  std::optional<table::Table> table_;
  std::unique_ptr<StagingArea> staging_;  // its lease tells settle() that the run lives
};

// Takes out of the quarantine the rows of days for which the table names another run, unless their run lives. Rows of a
// day for which it names none stay: a table that was lost or forgets its marks must not take the quarantine with it.
// Throws Error.
void settle(const std::string& table_root, const std::string& pipeline);

}  // namespace metl::pipeline

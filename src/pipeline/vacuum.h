// The vacuum of a pipeline's table: how long versions are kept, what the table's history is told of it, and the log.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "pipeline/definition.h"
#include "table/table.h"
#include "table/vacuum.h"

namespace metl::pipeline {

struct VacuumPlan {
  const Definition& pipeline;
  std::string table_name;
  std::optional<std::chrono::seconds> older_than;  // nothing said: as the table's properties say
  std::string reason;                              // for keeping less than they say; goes into the history
  bool apply = false;
  std::function<void()> before_each = {};  // table::VacuumRequest
};

struct VacuumReport {
  std::string run_id;
  std::chrono::seconds kept{0};  // versions of the last so many seconds
  table::Vacuumed data;
  int64_t log_files = 0;
};

// With `apply` the history gets a version before the first file goes (VACUUM START, with the reason), and one after the
// last (VACUUM END): none when nothing is to go. Throws Error{kUsage} for less than the table's retention without a
// reason, Error{kConfiguration} for another pipeline's table.
VacuumReport vacuum_table(const table::Table& table, const VacuumPlan& plan, const table::Told& told);

}  // namespace metl::pipeline

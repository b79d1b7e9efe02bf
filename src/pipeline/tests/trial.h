// One day of a pipeline over the rows of a test, by the steps of a run: bind, read, dedupe, transform, audit. Without a
// table, a warehouse and raw files: all of it lies in one folder.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "pipeline/definition.h"
#include "pipeline/tests/row_set.h"
#include "quality/scan.h"

namespace metl::pipeline::tests {

// What the tests of a pipeline run on.
struct Bench {
  const Definition& pipeline;
  std::string table;        // by its name in checks: database.table
  std::string environment;  // ${env} in transform.sql
  engine::Engine& engine;   // that a run would use
  engine::DuckdbEngine& local;
  std::string folder;  // private; seen by `engine` too
};

// The day, "source", and the further inputs.
std::vector<Input> inputs_of(const Definition& pipeline);

// What a run would have made of the rows.
struct Seen {
  std::vector<Cells> rows;  // of the target's columns, in the order of the staged files
  int64_t duplicates = 0;
  std::optional<quality::ScanResult> checks;  // if they were asked for and the day was not left as it is
  std::optional<Error> error;                 // that would have ended it
};

// `given`: the rows of each input. Throws Error for what is the fault of no pipeline: the disk, memory, a server that
// does not answer, a request to stop.
Seen try_day(const Bench& bench, const Date& day, const std::map<std::string, RowSet>& given, bool with_checks);

}  // namespace metl::pipeline::tests

// The tests of pipelines: all of them are read and checked before the first one runs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/definition.h"
#include "pipeline/tests/difference.h"
#include "pipeline/tests/row_set.h"
#include "pipeline/tests/test_file.h"
#include "pipeline/tests/trial.h"

namespace metl::pipeline::tests {

// A test whose rows are read.
struct LoadedTest {
  Test test;
  std::map<std::string, RowSet> given;
  std::optional<RowSet> rows;  // expected
};

enum class Verdict { kPassed, kFailed, kUpdated };

struct Result {
  std::string pipeline;
  std::string name;
  Place place;
  Verdict verdict = Verdict::kPassed;
  std::vector<std::string> reasons;  // why it failed, beside the rows
  Difference difference;             // of the rows
  std::string written;               // the file of expected rows that now holds what came out; "" for none
  std::vector<ShownRow> to_paste;    // what came out in place of rows that stand in the test itself
};

// The files below the pipeline's folder, in the order of their names.
std::vector<std::string> test_files(const Definition& pipeline);

// The tests of each pipeline. With `update` a file of expected rows need not be there. Throws Error{kConfiguration}
// with a line for each fault of any file.
std::vector<std::vector<LoadedTest>> load_tests(engine::DuckdbEngine& engine, const std::vector<Definition>& pipelines,
                                                bool update);

// Those of one file; the same.
std::vector<LoadedTest> load_test_file(engine::DuckdbEngine& engine, const Definition& pipeline,
                                       const std::string& file, bool update);

// Runs one in a folder of its own below the bench's. With `update` a file of rows is written anew where its rows are
// not those that came out. Throws what try_day() throws, and Error{kConfiguration} for a check that is not there.
Result run_test(const Bench& bench, const LoadedTest& loaded, bool update);

}  // namespace metl::pipeline::tests

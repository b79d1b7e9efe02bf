// What came out against what was expected, row by row.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/type.h"
#include "pipeline/tests/row_set.h"

namespace metl::pipeline::tests {

// Columns and their values as JSON, in the order to be shown.
using ShownRow = std::vector<std::pair<std::string, std::string>>;

struct ChangedCell {
  std::string column;
  std::string expected;
  std::string found;
};

struct ChangedRow {
  ShownRow row;  // what the two rows share, enough to know them by
  std::vector<ChangedCell> cells;
};

// A row that is right, but stands where another one should.
struct Misplaced {
  size_t number = 0;  // of the row, from 1
  ShownRow expected;
  ShownRow found;  // the same columns
};

struct Difference {
  std::vector<ShownRow> missing;       // the expected columns of rows that did not come out
  std::vector<ShownRow> unexpected;    // whole rows that nobody expected
  std::vector<ChangedRow> changed;     // those that belong together and differ
  std::optional<Misplaced> misplaced;  // the first one, where all rows are right and only their order is not

  bool empty() const { return missing.empty() && unexpected.empty() && changed.empty() && !misplaced; }
};

struct ExpectedRows {
  std::vector<Cells> rows;
  std::vector<std::vector<size_t>> named;  // of each row: the columns that count
  bool ordered = false;
};

// Each expected row takes one row of its own that has its values in the columns that it names, so that as many as
// possible find one. Of what is left, rows belong together that agree in the `key`, or else in at least half of the
// columns that the expected one names.
Difference difference(const ExpectedRows& expected, const std::vector<Cells>& found, const Schema& columns,
                      const std::vector<std::string>& key);

}  // namespace metl::pipeline::tests

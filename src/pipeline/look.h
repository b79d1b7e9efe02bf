// Looking at a table's rows without changing anything: some of them, an answer to a question in SQL, or what two
// versions or days differ in. The engine is confined: it runs nothing but SELECTs, over these files alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/datasets.h"

namespace metl::pipeline {

struct Shown {
  Rows rows;
  bool more = false;                // there are more than were asked for
  std::vector<std::string> hidden;  // columns that were left out
};

// The first rows of a dataset, without its sensitive columns; or with `sql` what that SELECT yields over the dataset
// under its name. A SELECT may show a column under any name, so no column may be sensitive then: Throws Error{kUsage}.
Shown look(engine::Engine& engine, const Dataset& dataset, const std::vector<std::string>& sensitive_columns,
           const std::string& sql, uint64_t most);

struct SchemaChange {
  std::string column;
  std::string before;  // its type; "" where there is no such column
  std::string after;
};

struct Cell {
  std::string column;
  std::string before;  // "" for a row that is only on the other side
  std::string after;
};

struct ChangedRow {
  enum class Kind { kAdded, kRemoved, kChanged };
  Kind kind = Kind::kChanged;
  std::vector<std::pair<std::string, std::string>> key;  // column, value; without a key the whole row
  std::vector<Cell> cells;                               // kChanged: those that differ
};

struct Difference {
  std::vector<SchemaChange> schema;
  int64_t added = 0;
  int64_t removed = 0;
  int64_t changed = 0;
  std::vector<ChangedRow> examples;  // by kind, then by key

  bool any() const { return !schema.empty() || added + removed + changed > 0; }
};

struct DiffRequest {
  Dataset before;
  Dataset after;
  std::vector<std::string> key;     // columns that tell a row from the others; none: rows are compared as wholes
  std::vector<std::string> ignore;  // columns that are not compared: that of the day, where two days are
  std::vector<std::string> sensitive_columns = {};  // compared, but not shown
  uint64_t examples = 5;                            // of each kind
};

// Columns of another type on the other side are a change of the schema, and their values are not compared. Throws
// Error{kUsage} for a key that is no column or that several rows share.
Difference difference_of(engine::Engine& engine, const DiffRequest& request);

}  // namespace metl::pipeline

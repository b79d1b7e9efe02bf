// What a table and a pipeline have to agree upon, before a byte is staged; and what the table's rules say of rows that
// are staged.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/engine.h"
#include "pipeline/definition.h"
#include "table/table.h"

namespace metl::pipeline {

struct Agreement {
  Schema
      columns;  // the pipeline's target columns in its order, spelled, nested too, and nullable as the table has them
  std::vector<std::string> partition_columns;  // as the table spells them
  Schema added;                                // columns that are to be added to the table first; nullable
  std::map<std::string, std::string> lengths;  // column -> "varchar(5)" or "char(5)"

  // All of it as one text: what was staged for one of these is right for another of the same.
  std::string text() const;
};

table::TableSpec table_spec(const Definition& pipeline);

// The agreement with a table that is there. Throws Error with a line for each difference: columns and types
// (new columns are none with `evolve`), the partition, features of the table that a run cannot serve.
Agreement require_agreement(const table::Table& table, const Definition& pipeline, bool evolve);

// The agreement with the table that the first publication will make. Throws Error{kConfiguration} when that table could
// not be made, or no later run could write to it (column names, properties); Error when data files lie at `root`, which
// then is a table that lost its log.
Agreement require_creatable(const std::string& root, const Definition& pipeline);

// The pipeline as the table spells it.
Definition spelled(Definition pipeline, const Agreement& agreement);

// Throws Error when the table is append-only and so many files of `what` (a partition, for messages) were to go.
void require_replaceable(const table::Table& table, const std::string& what, size_t files);

// Reads those of the `columns` of staged files that have rules: NOT NULL (nested too) and lengths. Throws Error that
// names each column that breaks one, and in how many rows.
void require_rules(engine::Engine& engine, const Agreement& agreement, const Schema& columns,
                   const std::string& table_root, const std::vector<engine::DataFile>& staged);

}  // namespace metl::pipeline

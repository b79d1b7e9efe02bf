// A pipeline as its folder defines it: pipeline.yaml, transform.sql, checks.yaml. Everything that a user changes
// without C++.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/type.h"
#include "base/yaml.h"
#include "engine/engine.h"
#include "feed/description.h"
#include "source/source.h"

namespace metl::pipeline {

enum class Gate { kBeforePublish, kAfterPublish };

// What a run does to the partitions that its rows belong to.
enum class WriteMode {
  kOverwrite,  // replaces them
  kAppend,     // adds the rows; those of an earlier run of the same day go
  kMerge,      // of each key one row stays, the newest
};

// A further dataset that the transform may read, by its name. It is a table of the catalog, or files.
struct InputDefinition {
  std::string name;
  std::string place;                 // "pipeline.yaml:12:3: inputs.movies", for messages
  std::optional<std::string> table;  // database.table; else:
  bool as_of_run_date = false;       // of the table: the version at the end of the day, not when the run begins
  std::string path;                  // of a file or a folder: absolute, or a location in a store
  source::Contents contents;
};

struct Definition {
  std::string name;
  std::string file;  // path of pipeline.yaml, for messages
  source::Description source;
  std::optional<feed::Description> feed;  // what fills the raw location, if this program does
  std::vector<InputDefinition> inputs;
  std::optional<engine::Dedupe> dedupe;
  std::string transform_file;
  std::string transform;  // a SELECT over `source` and the inputs, its ${variables} not filled in (transform.h)
  std::map<std::string, std::string> variables;  // the pipeline's own, beside those of every run
  std::optional<yaml::PlacedText> target_table;  // instead of the setting data.curated.table: database.table
  Schema target_columns;                         // in the table's order, partition columns included
  std::optional<std::string> run_date_column;    // of the target, filled by the run with the execution date
  std::optional<std::string> run_hour_column;    // and with the hour, where raw files land by the hour
  std::vector<std::string> partition_columns;    // may be none
  WriteMode mode = WriteMode::kOverwrite;
  std::vector<std::string> merge_key;    // within a partition; NULL equals NULL
  std::vector<std::string> merge_order;  // ascending, NULL first: the last row of a key is the newest
  int64_t max_partitions = 100;          // that one run may touch
  std::vector<std::string> cluster_by;
  std::map<std::string, std::string> properties;
  std::string checks_file;
  Gate gate = Gate::kBeforePublish;
  int64_t number = 0;  // another one when any of these files changes (pipeline/made_of.h)

  Schema staged_columns() const;  // what the transform yields: the target's columns but for the run's own
  Schema file_columns() const;    // what the table's files hold: the target's columns without those of partitions

  // The values with which a run fills its own columns.
  std::map<std::string, std::string> run_values(const source::Interval& interval) const;
  // Those by which the table is partitioned.
  std::map<std::string, std::string> run_partition(const source::Interval& interval) const;

  // Whether a run's rows are its partition, whole: then they are staged as they will be published.
  bool replaces_its_day() const;
};

// Reads `<folder>/<name>/pipeline.yaml` and the SQL file it names. Throws Error{kConfiguration} with file:line:column
// for an unknown or missing key, an unknown type, a column that is named but not declared, a day's folder that is not
// one for each day, a file that is not there, at most one of each section; and for a missing pipeline, listing those
// there are.
Definition load_definition(const std::string& folder, const std::string& name);

// The folders of `folder` that hold a pipeline.yaml, ordered by name.
std::vector<std::string> pipeline_names(const std::string& folder);

}  // namespace metl::pipeline

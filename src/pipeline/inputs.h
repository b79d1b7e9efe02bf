// The further datasets that a pipeline's transform reads beside the day: tables of the catalog and files, by name. They
// are as they were when the run began: a table one version of it (of that moment, or of the end of the day that is
// run), files compared before every publication.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/time.h"
#include "engine/engine.h"
#include "pipeline/datasets.h"
#include "pipeline/definition.h"
#include "source/source.h"
#include "table/catalog/catalog.h"

namespace metl::pipeline {

class Inputs {
 public:
  // Of tables the newest versions are opened, or those of the end of `day`; of files nothing is looked at. What is
  // given outlives this. Throws Error{kConfiguration} for a table that is not there or was not then, and what the
  // catalog and the log throw.
  Inputs(const std::vector<InputDefinition>& defined, table::Catalog& catalog, const Date& day);

  // Makes empty views of their columns: SQL over them binds.
  void bind(engine::Engine& engine) const;

  // Looks at the files; those of text become Parquet in `options.folder`. Throws Error that names the input.
  void read(engine::Engine& engine, const engine::WriteOptions& options);
  std::vector<std::string> made() const;  // by read(): the Parquet files of text

  // After read(): what an engine has to reach for them, and their views in it.
  void allow(engine::Confinement& limits) const;
  void create_views(engine::Engine& engine) const;

  // Throws Error{kConflict} that names the first file which is no longer as it was.
  void require_unchanged() const;

  // As text, what changes when an input does: the versions of tables, the files of the others, which are looked at
  // where they were not read. Throws Error.
  std::string state() const;

  // By name: the table and its version, or the files and their size. For the commit's metadata and the run's record.
  nlohmann::ordered_json described() const;

 private:
  struct Input {
    const InputDefinition& defined;
    std::optional<Dataset> table = {};           // none: files
    uint64_t version = 0;                        // of the table
    std::optional<source::Snapshot> files = {};  // once they were read

    const Schema& columns() const { return table ? table->columns : defined.contents.columns; }
    std::vector<engine::FileGroup> groups() const;
  };

  std::vector<Input> all_;
};

}  // namespace metl::pipeline

// What `validate` and `config check` try of pipelines: all that can be known of them before there is data.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/run_request.h"
#include "cli/findings.h"
#include "pipeline/definition.h"

namespace metl::cli {

class PipelineTrial {
 public:
  // Both outlive this.
  PipelineTrial(const config::Settings& settings, Findings& found);

  // Reads the pipelines of these names, all that there are for none. A finding for each.
  void load(std::vector<std::string> names);
  const std::vector<pipeline::Definition>& loaded() const { return definitions_; }  // those that could be read

  // A finding each for the table, the transform and the checks of every pipeline that was read: whether they are
  // understood and fit each other. `engine` and `catalog` may be null: then nothing is tried; no table where the
  // catalog does not answer. `locations`: whose stores are open, by name; those of the tables and inputs are opened
  // too.
  void try_all(engine::Engine* engine, table::Catalog* catalog, bool catalog_answers,
               std::map<std::string, std::string> locations);

 private:
  std::string agreed_table(pipeline::RunRequest& request);

  const config::Settings& settings_;
  Findings& found_;
  Date today_;  // what depends on the day is the same for each
  std::vector<pipeline::Definition> definitions_;
  std::map<std::string, std::string> locations_;
  std::map<std::string, std::string> owners_;  // the location of a table -> its pipeline
};

}  // namespace metl::cli

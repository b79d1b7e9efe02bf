#include "cli/pipeline_trial.h"

#include <chrono>

#include "app/embedded_engine.h"
#include "app/places.h"
#include "app/sensitive_columns.h"
#include "app/storage.h"
#include "base/environment.h"
#include "pipeline/agreement.h"
#include "pipeline/audit.h"
#include "pipeline/binding.h"
#include "pipeline/ownership.h"
#include "pipeline/quarantine_carry.h"
#include "table/table.h"

namespace metl::cli {

PipelineTrial::PipelineTrial(const config::Settings& settings, Findings& found)
    : settings_(settings), found_(found), today_(Date::of(std::chrono::system_clock::now())) {}

void PipelineTrial::load(std::vector<std::string> names) {
  const std::string folder = settings_.path("pipelines.location");
  if (names.empty()) names = pipeline::pipeline_names(folder);
  if (names.empty()) {
    found_.add("pipelines", [&]() -> std::string {
      throw Error(Cause::kConfiguration, fmt::format("no folder of {} holds a pipeline.yaml", folder),
                  "Correct pipelines.location.");
    });
  }
  for (const auto& name : names) {
    found_.add("pipeline " + name, [&] {
      definitions_.push_back(pipeline::load_definition(folder, name));
      return definitions_.back().file;
    });
  }
}

void PipelineTrial::try_all(engine::Engine* engine, table::Catalog* catalog, bool catalog_answers,
                            std::map<std::string, std::string> locations) {
  locations_ = std::move(locations);
  for (const auto& definition : definitions_) {
    const std::string table = definition.name + ": table";
    const std::string transform = definition.name + ": transform";
    const std::string checks = definition.name + ": checks";
    if (engine == nullptr || catalog == nullptr) {
      const std::string why = fmt::format("not tried: the {} does not work", catalog == nullptr ? "catalog" : "engine");
      for (const auto& what : {table, transform, checks}) found_.leave_out(what, why);
      continue;
    }
    pipeline::RunRequest request = app::run_request(settings_, definition, *catalog, today_);
    if (catalog_answers) {
      found_.add(table, [&] { return agreed_table(request); });
    } else {
      found_.leave_out(table, "not tried: the catalog does not work");
    }
    const std::string run_id = pipeline::new_run_id(std::chrono::system_clock::now());
    found_.add(transform, [&] {
      pipeline::bound_transform(*engine, request, pipeline::Inputs(definition.inputs, *catalog, today_), run_id);
      return definition.transform_file;
    });
    found_.add(checks, [&] {
      pipeline::require_understood(*engine, pipeline::gate_request(request, definition, run_id, {}));
      pipeline::carried(*engine, definition, pipeline::fill_run_variables(request, run_id));
      return definition.checks_file;
    });
  }
  const auto sensitive = app::sensitive_columns(settings_);
  if (sensitive.empty()) return;
  found_.add("checks.sensitive_columns", [&] {
    app::require_known_sensitive_columns(settings_, catalog_answers ? catalog : nullptr);
    return fmt::format("{} columns", sensitive.size());
  });
}

std::string PipelineTrial::agreed_table(pipeline::RunRequest& request) {
  const std::string name = app::target_table_name(settings_, request.pipeline);
  request.table_root = app::table_root(settings_, request);
  const auto [other, is_first] = owners_.emplace(request.table_root, request.pipeline.name);
  if (!is_first) {
    throw Error(Cause::kConfiguration,
                fmt::format("{}: {} is the table of pipeline '{}' too", name, request.table, other->second),
                "One table has one pipeline. Give each its own: target.table in its pipeline.yaml.");
  }
  auto places = app::locations(settings_, request);
  places.erase(app::raw_location_name(settings_, request.pipeline));  // whether that opens was found out already
  locations_.merge(places);
  app::open_storage(&settings_, process_variables(), locations_);
  const auto table = table::Table::open(request.table_root);
  if (!table) {
    pipeline::require_creatable(request.table_root, request.pipeline);
    return fmt::format("{} at {}: the first run makes it", request.table, request.table_root);
  }
  pipeline::claim(*table, request.pipeline.name, false);
  pipeline::require_agreement(*table, request.pipeline, false);
  return fmt::format("{} at {}: version {}", request.table, request.table_root, table->version());
}

}  // namespace metl::cli

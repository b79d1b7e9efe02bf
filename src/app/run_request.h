// What the settings and a pipeline ask of a run.
#pragma once

#include <map>
#include <string>

#include "config/settings.h"
#include "pipeline/run.h"
#include "table/catalog/catalog.h"

namespace metl::app {

// For one day; `table_root` is left to be found, and what only flags say to be set.
pipeline::RunRequest run_request(const config::Settings& settings, const pipeline::Definition& definition,
                                 table::Catalog& catalog, const Date& day);

// Where the catalog has the table of the request. The errors of location_of(), which name where the table's name
// stands.
std::string table_root(const config::Settings& settings, const pipeline::RunRequest& request);

// All that a run reads and writes, by the setting or the place in a file that names it: their stores have to be open.
// `table_root` is known. Throws what the catalog throws for the tables of the inputs.
std::map<std::string, std::string> locations(const config::Settings& settings, const pipeline::RunRequest& request);

}  // namespace metl::app

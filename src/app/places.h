// Where a pipeline reads and writes: as its pipeline.yaml says, or else the settings; what a flag says counts before
// both.
#pragma once

#include <string>

#include "config/settings.h"
#include "pipeline/definition.h"

namespace metl::app {

// data.raw.location, or the pipeline's source.location. Absolute path or URL; a relative path starts at the folder of
// the config file, as all do.
std::string raw_location(const config::Settings& settings, const pipeline::Definition& pipeline);

// What messages call it: the setting, or source.location with its place in the file.
std::string raw_location_name(const config::Settings& settings, const pipeline::Definition& pipeline);

// data.curated.table, or the pipeline's target.table: database.table.
std::string target_table(const config::Settings& settings, const pipeline::Definition& pipeline);

// The same for it.
std::string target_table_name(const config::Settings& settings, const pipeline::Definition& pipeline);

}  // namespace metl::app

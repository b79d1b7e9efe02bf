// What the settings ask runs to do for their table.
#pragma once

#include "config/settings.h"
#include "pipeline/upkeep.h"

namespace metl::app {

pipeline::Upkeep upkeep(const config::Settings& settings);

}  // namespace metl::app

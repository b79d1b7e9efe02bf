// The catalog that the settings name.
#pragma once

#include <memory>

#include "config/settings.h"
#include "table/catalog/catalog.h"

namespace metl::app {

// Connects to nothing yet. Throws Error{kConfiguration} for settings that do not fit together.
std::unique_ptr<table::Catalog> open_catalog(const config::Settings& settings);

}  // namespace metl::app

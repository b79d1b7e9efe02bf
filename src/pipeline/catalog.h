// The catalog that the settings name.
#pragma once

#include <memory>

#include "config/settings.h"
#include "lake/catalog.h"

namespace metl::pipeline {

// Connects to nothing yet. Throws Error{kConfig} for settings that do not fit together.
std::unique_ptr<lake::Catalog> open_catalog(const config::Settings& settings);

}  // namespace metl::pipeline

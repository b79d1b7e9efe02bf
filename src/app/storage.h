// Where raw and curated data lie, and how their stores are reached and as whom: the one place that resolves it, for the
// Delta log's side and the engine's side alike.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "storage/access.h"

namespace metl::app {

// What the settings `storage.*` say; where they say nothing, the variables AWS_..., AZURE_..., GOOGLE_... as their own
// tools have them, and the profile files of AWS. `settings` may be null. Throws Error{kConfiguration} for what
// contradicts itself or is incomplete, naming the setting, variable or file.
StorageAccess resolve_storage(const config::Settings* settings, const std::map<std::string, std::string>& variables);

// Makes the stores of these locations usable for tables and files, and returns what an engine needs to use them;
// nothing when all of them are local. Throws Error{kConfiguration} for an unknown scheme and for an identity that
// cannot be had.
std::optional<StorageAccess> open_storage(const config::Settings* settings,
                                          const std::map<std::string, std::string>& variables,
                                          const std::map<std::string, std::string>& locations);  // of setting or flag

}  // namespace metl::app

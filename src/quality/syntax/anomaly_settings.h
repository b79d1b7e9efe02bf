// The settings of an anomaly check: YAML -> AnomalySettings.
#pragma once

#include <string>

#include "quality/syntax/check_body.h"

namespace metl::quality {

// Sets what `key` ("severity_level_parameters", ...) says; false when it is no such key. Throws Problem for a wrong
// value and for what only Soda's own model knows.
bool set_anomaly(AnomalySettings& settings, const std::string& key, const std::string& file, const yaml::Node& value);

}  // namespace metl::quality

// Log lines for programs: with fields that keep their types, where the log is JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/log.h"

namespace metl::log {

// A line like any other, masked and safe to print; as JSON these fields stand in it beside its own, as text only the
// message does.
void event(Level level, std::string_view message, const nlohmann::ordered_json& fields);

}  // namespace metl::log

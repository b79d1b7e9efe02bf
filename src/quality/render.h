// A scan's result for people and for run records.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "quality/scan.h"

namespace metl::quality {

// A line for each check, the bad ones with what was measured, then errors and notices, then one line that sums up.
std::string render_text(const ScanResult& result, bool colour);

// {"outcome", "counts", "checks": [...], "errors": [...]}: what a run record keeps. No failing rows, no SQL.
nlohmann::json to_json(const ScanResult& result);

}  // namespace metl::quality

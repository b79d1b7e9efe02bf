// The diagnostics of a schema check in Soda Core's results.
#pragma once

#include <nlohmann/json.hpp>

#include "quality/model/result.h"

namespace metl::quality {

// What breaks its rules, as data and as the table of events that Soda shows; types have Spark's names.
nlohmann::ordered_json soda_schema_diagnostics(const CheckResult& check);

}  // namespace metl::quality

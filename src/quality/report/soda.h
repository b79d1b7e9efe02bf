// A scan's result as Soda Core 3.5.6 prints and saves it, for whoever reads or parses that today.
//
// Left out of the JSON: what `sample datasets` kept, the queries for samples, the failed rows' preview, the differences
// of a schema as mappings (they stand in its diagnostics block), the group by check itself (its groups are there).
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "quality/model/result.h"

namespace metl::quality {

// What Soda Core says about a scan beside its checks.
struct SodaScan {
  std::string definition_name;  // "Soda Core CLI"
  std::string data_source;      // "db"
  std::string version;          // the console's first line: "Soda Core 3.5.6"
  std::chrono::system_clock::time_point data_time, started, ended;
};

// The checks in Soda Core's order: by dataset and filter, first those of no column, then column by column.
std::vector<const CheckResult*> in_soda_order(const ScanResult& result);

// "3.aggregation[0]" with the data source and dataset between: "3.db.ratings[daily].aggregation[0]".
std::string soda_query_name(size_t index, const QueryRun& query, const SodaScan& scan);

// The closing line: "Oops! 1 failure. 0 warnings. 0 errors. 3 pass."
std::string soda_verdict(const ScanResult& result);

// The console. Every line begins with "[HH:MM:SS] " (UTC, the end of the scan) but those that do not there either.
// `verbose`: also the queries, and the diagnostics of checks that passed.
std::string render_soda(const ScanResult& result, const SodaScan& scan, bool verbose);

// What `soda scan -srf FILE` saves. Checks that were not evaluated are left out, as there.
nlohmann::ordered_json to_soda_json(const ScanResult& result, const SodaScan& scan);

}  // namespace metl::quality

// Checks joined to data: what `run` does as its gate and `check` on any dataset. User SQL in checks runs confined: it
// reads the datasets, and nothing else.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "engine/engine.h"
#include "pipeline/datasets.h"
#include "quality/explain.h"
#include "quality/scan.h"
#include "table/catalog/catalog.h"

namespace metl::pipeline {

// Where a run's or a scan's failing rows are kept, below the folder of the records.
inline constexpr std::string_view kSamplesEnd = "-samples";
inline std::string samples_folder(const std::string& records, const std::string& run_id) {
  return fmt::format("{}/{}{}", records, run_id, kSamplesEnd);
}

struct AuditRequest {
  quality::ScanRequest scan;
  std::vector<Dataset> datasets;
  table::Catalog* catalog = nullptr;     // its tables are datasets too; null for none
  std::vector<std::string> folders;      // where they lie: all that checks may read of them
  mode_t record_mode = files::kPrivate;  // rights of samples
  std::string samples_folder;            // of failing rows, made when there are some; "" keeps none
  // The outcome decides whether a day is published: data that cannot be read is then no outcome but an error.
  bool is_gate = false;
};

// Throws Error{kConfiguration} for checks files that are not understood or do not fit the columns of their datasets,
// with a line for each fault. Reads no data: of the tables of the catalog that they name only logs and footers.
void require_understood(engine::Engine& engine, const AuditRequest& request);

// Throws stop::reason() after a request to stop (base/stop.h), and for a gate Error when data could not be
// read or memory was short; everything else that can go wrong is in the result.
quality::ScanResult audit(engine::Engine& engine, const AuditRequest& request);

// What audit() would ask of the data: the SQL of each check. None of it runs.
quality::Explanation explain(engine::Engine& engine, const AuditRequest& request);

// The history of measurements of a warehouse.
std::string history_file(const std::string& warehouse);

// Whether a day may be published: no failure, no error, nothing left unevaluated but what waits for earlier days.
// Warnings do not block.
bool passes(const quality::ScanResult& checks);

}  // namespace metl::pipeline

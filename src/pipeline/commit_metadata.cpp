#include "pipeline/commit_metadata.h"

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/secrets.h"
#include "pipeline/audit.h"

namespace metl::pipeline {

std::string commit_metadata(const RunReport& report, const Inputs& inputs) {
  using Json = nlohmann::ordered_json;
  Json metadata{
      {"run_id", report.run_id},
      {"program", "movies-etl " METL_VERSION},
      {"pipeline", report.pipeline},
      {"source", {{"files", report.source_files}, {"bytes", report.source_bytes}, {"rows", report.rows_read}}},
      {"duplicates_dropped", report.duplicates}};
  if (report.quarantined) metadata["quarantined"] = *report.quarantined;
  if (Json described = inputs.described(); !described.empty()) metadata["inputs"] = std::move(described);
  if (report.effect) metadata["effect"] = effect_json(*report.effect);
  if (report.checks) metadata["checks"] = checks_summary(*report.checks);
  return secrets::masked(on_one_line(metadata));
}

}  // namespace metl::pipeline

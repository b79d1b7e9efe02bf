#include "pipeline/binding.h"

#include "pipeline/transform.h"

namespace metl::pipeline {

std::string fill_run_variables(const RunRequest& request, const std::string& run_id) {
  return fill_transform(request.pipeline,
                        {{"run_date", request.day.iso()}, {"run_id", run_id}, {"env", request.environment}});
}

std::string bound_transform(engine::Engine& engine, const RunRequest& request, const Inputs& inputs,
                            const std::string& run_id) {
  std::string select = fill_run_variables(request, run_id);
  const auto confined = engine.confined({});
  inputs.bind(*confined);
  require_target_columns(*confined, request.pipeline, select);
  return select;
}

AuditRequest gate_request(const RunRequest& request, const Definition& pipeline, const std::string& run_id,
                          const std::vector<engine::DataFile>& staged) {
  const engine::FileGroup group = staged_group(pipeline, request.interval(), staged);
  AuditRequest what;
  what.scan.files = {pipeline.checks_file};
  what.scan.variables = {{"table", request.table}, {"run_date", request.day.iso()}};
  what.scan.now = std::chrono::system_clock::now();
  if (request.hour) what.scan.variables["run_hour"] = fmt::format("{}", *request.hour);
  what.scan.data_time = request.interval().start();
  what.datasets = {{request.table, pipeline.target_columns, {group}}};
  what.catalog = &request.catalog;
  what.folders = {request.curated_location};
  what.samples_folder = samples_folder(request.curated_location + "/_runs", run_id);
  what.record_mode = request.record_mode;
  what.scan.sensitive_columns = request.sensitive_columns;
  what.is_gate = true;
  return what;
}

}  // namespace metl::pipeline

// What is known of a run before it reads anything: whether transform.sql and the checks are understood and fit the
// columns that pipeline.yaml declares. A run asks it first, `config check` asks nothing else.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/audit.h"
#include "pipeline/inputs.h"
#include "pipeline/run.h"

namespace metl::pipeline {

// The transform with its variables filled in.
std::string fill_run_variables(const RunRequest& request, const std::string& run_id);

// The same. Throws Error{kConfiguration} unless it is one SELECT that yields the
// target's columns and reads nothing but the day and the inputs.
std::string bound_transform(engine::Engine& engine, const RunRequest& request, const Inputs& inputs,
                            const std::string& run_id);

// The gate over what is staged so far of `pipeline`, which is the request's as the table spells it.
AuditRequest gate_request(const RunRequest& request, const Definition& pipeline, const std::string& run_id,
                          const std::vector<engine::DataFile>& staged);

}  // namespace metl::pipeline

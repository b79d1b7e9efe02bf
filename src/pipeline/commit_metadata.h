// What a commit of the table says of the run that made it, for whoever reads the table's history.
#pragma once

#include <string>

#include "pipeline/inputs.h"
#include "pipeline/report.h"

namespace metl::pipeline {

// JSON: the run, the program, the pipeline (pipeline/ownership.h reads it), its input, the outcome of its checks.
// Secrets are masked.
std::string commit_metadata(const RunReport& report, const Inputs& inputs);

}  // namespace metl::pipeline

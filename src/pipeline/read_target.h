// The section `target` of pipeline.yaml.
#pragma once

#include "pipeline/definition.h"
#include "pipeline/section.h"

namespace metl::pipeline {

// Reads it into `out`, whose `dedupe` is read already: its order is that of a merge where the target names none. Throws
// Error{kConfiguration} with file:line:column.
void read_target(Definition& out, const Section& top);

}  // namespace metl::pipeline

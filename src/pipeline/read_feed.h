// The section `feed` of pipeline.yaml.
#pragma once

#include "pipeline/definition.h"
#include "pipeline/section.h"

namespace metl::pipeline {

// Reads it into `out`, whose source is read already. Throws Error{kConfiguration} with file:line:column.
void read_feed(Definition& out, const Section& top);

}  // namespace metl::pipeline

// The numbers of a run must add up: what does not is a fault of this program or of a disk, and is not published.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/engine.h"

namespace metl::pipeline {

// Throws Error unless every row read was dropped as a duplicate or given to the transform, which gave as
// many rows as were written, and the footers of the written files (`footers`, as they are on the disk now) say the
// same.
void require_sums(int64_t rows_read, const engine::StageResult& result, const std::vector<engine::SourceFile>& footers);

}  // namespace metl::pipeline

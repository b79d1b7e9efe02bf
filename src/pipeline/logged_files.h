// Staged files as the table's log is to name them.
#pragma once

#include <vector>

#include "engine/engine.h"
#include "pipeline/staging_area.h"
#include "table/table.h"

namespace metl::pipeline {

// With the statistics that the table's properties ask for. `columns`: those of the files.
std::vector<table::File> logged_files(const table::Table& table, const Schema& columns, const StagingArea& staging,
                                      const std::vector<engine::DataFile>& files);

}  // namespace metl::pipeline

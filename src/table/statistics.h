// Delta's per-file statistics, from what whoever wrote the file measured.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/column_stats.h"
#include "base/type.h"

namespace metl::table {

// The `stats` JSON of an add action: numRecords, and minValues, maxValues and nullCount of those leaf columns that
// `indexed` names. Every bound in it is true to the last digit, times apart, which Delta has in milliseconds: down for
// a minimum, up for a maximum. Columns in arrays and maps, and binary ones, have none.
//
// minValues or maxValues are null as a whole when a top-level column has values but no bound that every reader can
// read: a NaN or an infinity among them, years beyond 1 to 9999. deltalake's dataset takes a bound that is left out
// beside others for NULL, and finds no row of the file.
std::string delta_stats(int64_t rows, const FileStats& stats, const Schema& columns,
                        const std::vector<ColumnPath>& indexed);

}  // namespace metl::table

// Delta's per-file statistics, from what the engine measured while writing.
#pragma once

#include <string>

#include "base/type.h"
#include "engine/engine.h"

namespace metl::pipeline {

// The `stats` JSON of an add action: numRecords and, for the first 32 leaf columns of `columns`, minValues, maxValues
// and nullCount. Columns inside arrays and maps count as leaves but have no statistics. A missing bound is left out: a
// reader then skips nothing.
std::string delta_stats(const engine::DataFile& file, const Schema& columns);

// At most 32 characters of a string. As a lower bound a prefix; as an upper bound a prefix that sorts behind every
// string it begins: empty when there is none.
std::string lower_bound(const std::string& utf8);
std::optional<std::string> upper_bound(const std::string& utf8);

}  // namespace metl::pipeline

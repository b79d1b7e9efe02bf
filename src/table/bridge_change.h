// A transaction in the bridge's words. Internal to src/table.
#pragma once

#include <vector>

#include "storage/bridged.h"
#include "table/table.h"

namespace metl::table {

std::vector<Partition> partitions_of(const Change& change);

bridge::Change bridge_change(const Change& change);

}  // namespace metl::table

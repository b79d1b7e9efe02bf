// Arrow results as rows; decoding is the bridge's.
#pragma once

#include <string>

#include "base/rows.h"

namespace metl::engine {

// Appends the rows of an Arrow IPC stream; the columns of the first one stay. Throws Error for what is no
// such stream.
void add_rows(const std::string& stream, Rows& rows);

}  // namespace metl::engine

// What the system refused, told from an error's text: DuckDB, the Delta kernel and the C library all repeat its own
// words.
#pragma once

#include <string_view>

namespace metl {

enum class Trouble { kNone, kNoSpace, kNoRights, kNoMemory, kNoThreads, kTooManyFiles, kBrokenStorage };

// kNone for an error of another kind.
Trouble trouble_in(std::string_view message);

// What to do about it, a full sentence or more; "" for kNone.
std::string_view advice(Trouble trouble);

// Whether data could not be read or written, or memory was short: nothing that is wrong with the data or the query.
bool is_of_the_system(std::string_view message);

}  // namespace metl

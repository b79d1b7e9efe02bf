// Fewer files for a condition that is about nothing but what is known of them.
//
// DuckDB opens only files that can match (file_view.h), but it looks at the path of each of them whenever it plans a
// query, which for one day of 10,000 is most of the work. So the condition is asked about the constants first.
#pragma once

#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "engine/engine.h"

namespace metl::engine {

// Of these groups those whose rows can satisfy `condition`; nothing where that cannot be told of the constants alone: a
// condition with other columns or with a call of a function, or one that fails.
std::optional<std::vector<FileGroup>> matching(Client& client, const Schema& columns,
                                               const std::vector<FileGroup>& groups, const std::string& condition);

}  // namespace metl::engine

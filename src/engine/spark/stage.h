// The transform of one day as SQL for Spark: duplicates dropped and rows clustered by one shuffle and one sort.
#pragma once

#include <string>

#include "engine/engine.h"

namespace metl::engine {

// What the plan of a SELECT over `source` tells.
struct Shape {
  bool row_wise = false;     // each result row comes from one source row
  bool keeps_rows = false;   // and each source row gives one
  bool at_most_one = false;  // or none
};

// Out of Spark's EXPLAIN EXTENDED of the SELECT over a view of files. A text of another form tells nothing.
Shape shape_of(const std::string& explained);

// The day's events without duplicates, over the view `raw`. `tasks`: of the shuffle that brings a key's rows together.
std::string deduplicated(const StageRequest& request, const std::string& raw, int64_t tasks);

// Tasks, and so files, for the day: files of about the target size, but no more rows in one than its sort can hold.
int64_t task_count(const StageRequest& request);

// The whole transform, in the files' clustering. `yields`: the columns of the SELECT as it is. What has its column's
// type already is not cast: Spark would name our cast, not the user's line, as the place of an error inside it.
std::string target_sql(const StageRequest& request, const std::string& source, const Schema& yields, bool row_wise);

}  // namespace metl::engine

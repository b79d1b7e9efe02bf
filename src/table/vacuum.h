// Removes data files that no retained version of a table needs.
//
// Removed is only what is all of this:
//   - a regular file below the table's folder, not below a link, whose name is one that writers of Delta tables give: a
//     Parquet file with a UUID or a run's id in it, a deletion vector, a file of the change feed;
//   - in a folder that such writers make: of a partition, of a run, of the change feed, of a random prefix;
//   - older than the time from which versions are kept, and needed by none of them (needed.h).
// Other files are counted and stay. One folder is listed at a time, and files go as they are found: memory does not
// grow with what there is to remove, and what was interrupted is simply begun again.
#pragma once

#include <cstdint>
#include <functional>

#include "table/retention.h"
#include "table/table.h"

namespace metl::table {

struct VacuumRequest {
  int64_t since_millis = 0;  // versions that were the newest one then or later are kept
  bool apply = false;        // else only told
  Told told;
  std::function<void()> before_first;      // called once, before the first file is removed
  std::function<void()> before_each = {};  // before each folder and each batch of files; what it throws ends the work
};

struct Vacuumed {
  int64_t files = 0;
  uint64_t bytes = 0;
  int64_t folders = 0;  // looked into
  int64_t unknown = 0;  // files that are none of a Delta writer's: they stay
};

// Throws Error; what was removed by then stays removed, and nothing that is needed was.
Vacuumed vacuum(const Table& table, const VacuumRequest& request);

// Whether writers of Delta tables give such names to data files and deletion vectors.
bool is_writers_file(std::string_view name);

}  // namespace metl::table

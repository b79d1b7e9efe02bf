// What lies in a day's folder at one moment: the snapshot that a run reads, and that it compares before it publishes.
//
// Nothing is passed over in silence. What no part of the day can be (names that begin with '_' or '.', empty folders)
// is not told; all else that is not read is.
#pragma once

#include <string>
#include <vector>

#include "storage/store.h"

namespace metl::source {

struct Landing {
  std::vector<storage::StoredFile> files;  // the Parquet files, by name; a name in any case may end in .parquet
  std::vector<std::string> passed_over;    // names of what else may hold data, each with what it is, for people
  bool has_folders = false;                // some of these are folders with files in them
};

// Throws Error{kInputMissing} when the folder is not there, naming the nearest parent that is; in a store a folder is
// there when something lies in it. Throws Error that names a file which cannot be looked at (no rights, a
// link to nothing, an error of the disk) or whose name cannot be read right.
Landing look_at_day(const std::string& folder);

// "<path> was replaced", of the first file that is not the same in both; "" when all are.
std::string first_difference(const Landing& before, const Landing& now);

}  // namespace metl::source

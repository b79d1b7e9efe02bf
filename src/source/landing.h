// What lies in a folder of input at one moment: the snapshot that a run reads, and that it compares before it
// publishes.
//
// Nothing is passed over in silence. What no part of the day can be (names that begin with '_' or '.', empty folders)
// is not told; all else that is not read is.
#pragma once

#include <string>
#include <vector>

#include "source/contents.h"
#include "storage/store.h"

namespace metl::source {

struct Landing {
  std::vector<storage::StoredFile> files;  // by name; those whose name ends as files of the format do, in any case
  std::vector<std::string> passed_over;    // names of what else may hold data, each with what it is, for people
  bool has_folders = false;                // some of these are folders with files in them
};

// Throws Error{kInputMissing} when the folder is not there, naming the nearest parent that is; in a store a folder is
// there when something lies in it. Throws Error that names a file which cannot be looked at (no rights, a
// link to nothing, an error of the disk) or whose name cannot be read right.
Landing look_at_day(const std::string& folder, const Contents& contents);

// The same for what a pipeline names by itself: one file, or a folder. Throws Error{kConfiguration} when there is
// nothing.
Landing look_at(const std::string& place, const Contents& contents);

// "<path> was replaced", of the first file that is not the same in both; "" when all are.
std::string first_difference(const Landing& before, const Landing& now);

}  // namespace metl::source

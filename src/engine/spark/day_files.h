// The day's files as Spark is to read them. Spark takes a column's type from whom asks, and not every type for every
// file: those that store the declared columns alike are read together, as what they store, and cast.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace metl::engine {

struct AlikeFiles {
  std::vector<std::string> paths;
  Schema columns;                  // to read them with; a column that holds nothing but NULLs is not among them
  std::vector<std::string> items;  // for SELECT: every declared column as its type
  bool as_declared = true;         // the items are the columns
};

// In the order of their first files. Throws Error that names a file with a type or with names that Spark
// does not read.
std::vector<AlikeFiles> alike_files(const StageRequest& request);

}  // namespace metl::engine

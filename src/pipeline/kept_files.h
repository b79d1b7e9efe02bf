// What runs leave beside tables, and the one guard in front of its removal: records and samples of failing rows in
// `<warehouse>/_runs`, and records that wait on this machine (pipeline/spool.h).
//
// Removed is only what is all of this: a regular file below no link, whose name is one that this program gives -
// "<run id>.json", or "*.parquet" in a folder "<run id>-samples". The folder goes too when it is empty then. Locally
// the folders are held open while it works, so nobody can put a link in the way meanwhile.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace metl::pipeline {

struct KeptFile {
  std::string path;
  uint64_t bytes = 0;
};

// All that one run left in a folder of records.
struct RunFiles {
  std::string run_id;
  std::vector<KeptFile> record;   // one, or none
  std::vector<KeptFile> samples;  // may be none
  bool others = false;            // the folder of its samples is a link, or holds something else: then it stays
  std::chrono::system_clock::time_point began() const;
};

// By run id, which is by time. `records`: "<warehouse>/_runs"; none where there is no such folder. Throws Error.
std::vector<RunFiles> files_of_runs(const std::string& records);

// Removes the samples of a run and, when it is empty then, their folder. Throws Error.
void remove_samples(const std::string& records, const RunFiles& run);

// When the run of this id began. Only for table::is_run_id.
std::chrono::system_clock::time_point time_of_run(const std::string& run_id);

}  // namespace metl::pipeline

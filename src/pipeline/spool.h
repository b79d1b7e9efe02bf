// Records of runs that could not be written where they belong, kept on this machine until a run that can delivers them:
// `$XDG_STATE_HOME/movies-etl/spool/<run id>.json`, ~/.local/state without the variable.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace metl::pipeline {

// What this program keeps of its user on this machine: `$XDG_STATE_HOME/movies-etl`. Throws Error where no variable
// says where that is.
std::filesystem::path state_folder();

// Where records belong: the warehouse, or as long as no configuration says which, the configuration that was to say it.
struct RecordPlace {
  std::string curated_location;  // "" where it is not known
  std::string config_file;
  std::string environment;
};

// Keeps a record (one line of JSON) here. Throws Error.
void spool(const RecordPlace& where, const std::string& run_id, const std::string& record);

// Writes those that belong to `here`, a known warehouse, into it, and removes them. Never throws: what cannot be
// delivered stays, with a warning.
void deliver(const RecordPlace& here, mode_t mode) noexcept;

struct SpooledRecord {
  std::string run_id;
  std::string record;
  std::string path;
  uint64_t bytes = 0;  // of its file
};
// Those that belong there. Throws Error.
std::vector<SpooledRecord> spooled(const RecordPlace& there);

}  // namespace metl::pipeline

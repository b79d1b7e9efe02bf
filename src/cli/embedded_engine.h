// The embedded engine as the settings want it, with a folder of its own for what it spills, gone with it.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/settings.h"
#include "engine/duckdb/duckdb_engine.h"

namespace metl::cli {

class SpillFolder {
 public:
  // Below `parent`, or the system's temporary folder if that is empty.
  explicit SpillFolder(const std::string& parent);
  ~SpillFolder();
  SpillFolder(const SpillFolder&) = delete;
  SpillFolder& operator=(const SpillFolder&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

class EmbeddedEngine {
 public:
  // Without settings: the defaults of their table. Opens the stores of `locations` (of setting or flag), for tables and
  // files too. Throws Error{kConfig}.
  EmbeddedEngine(const config::Settings* settings, const std::map<std::string, std::string>& locations);
  engine::DuckdbEngine& get() { return engine_; }

 private:
  SpillFolder spill_;
  engine::DuckdbEngine engine_;
};

// The names that checks.sensitive_columns lists.
std::vector<std::string> sensitive_columns(const config::Settings& settings);

}  // namespace metl::cli

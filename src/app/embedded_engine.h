// The embedded engine as the settings want it, with a folder of its own for what it spills, gone with it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/spill_folder.h"
#include "config/settings.h"
#include "engine/duckdb/duckdb_engine.h"

namespace metl::app {

class EmbeddedEngine {
 public:
  // Without settings: the defaults of their table, and those of `overrides` that are about this engine. Opens the
  // stores of `locations` (of setting or flag), for tables and files too. Throws Error{kConfiguration}.
  // `shares`: as one of so many that run at once, it takes its part of memory and threads.
  EmbeddedEngine(const config::Settings* settings, const std::map<std::string, std::string>& locations,
                 const std::vector<config::Override>& overrides = {}, int shares = 1);
  engine::DuckdbEngine& get() { return engine_; }

 private:
  SpillFolder spill_;
  engine::DuckdbEngine engine_;
};

// The rights that records.mode gives.
mode_t record_mode(const config::Settings& settings);

// Whether a setting is about this engine alone, which needs no configuration for it: its threads, its memory.
bool is_of_the_embedded_engine(const config::Override& setting);
// Throws Error{kConfiguration} for more threads than make sense here: they cost memory and wait for each other, and so
// many that the system gives no more could not be stopped.
void require_few_threads(int64_t threads);

// The names that checks.sensitive_columns lists.
std::vector<std::string> sensitive_columns(const config::Settings& settings);

}  // namespace metl::app

// The engine that the settings choose. Footers are read by the embedded one in any case.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cli/embedded_engine.h"

namespace metl::cli {

class ChosenEngine {
 public:
  // Without settings: the embedded one, as `overrides` want it. Opens the stores of `locations` as EmbeddedEngine does.
  // Throws Error{kConfig} for an engine that this build has not, and what the connection to a server throws.
  ChosenEngine(const config::Settings* settings, const std::map<std::string, std::string>& locations,
               const std::vector<config::Override>& overrides = {});
  engine::Engine& get();

 private:
  EmbeddedEngine embedded_;
  std::unique_ptr<engine::Engine> spark_;  // null: the embedded one
};

}  // namespace metl::cli

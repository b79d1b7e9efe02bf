// What a marker's file holds. Internal to the markers.
#pragma once

#include <optional>
#include <string>

#include "pipeline/marker.h"

namespace metl::pipeline {

std::string marker_path(const std::string& root, const std::string& run_id);
std::string marker_folder(const std::string& root);

struct MarkerContent {
  StagedRun run;
  std::string machine;  // boot and process namespace; ids of processes mean the same where it is the same
  int process = 0;
  std::string started;  // when the process did, by the machine's clock of ticks
};

std::string marker_text(const StagedRun& run);                       // with this process
std::optional<MarkerContent> parse_marker(const std::string& text);  // empty for what is no marker

// Whether that process is known to have ended: it was on this machine.
bool process_ended(const MarkerContent& content);

std::unique_ptr<Marker> place_local_marker(const std::string& root, const StagedRun& run);
std::unique_ptr<Marker> place_remote_marker(const std::string& root, const StagedRun& run);
void for_dead_local_runs(const std::string& root, const Remove& remove);
void for_dead_remote_runs(const std::string& root, std::chrono::seconds stale, const Remove& remove);

}  // namespace metl::pipeline

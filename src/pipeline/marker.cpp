#include "pipeline/marker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/location.h"
#include "base/text.h"
#include "pipeline/marker_format.h"

namespace metl::pipeline {
namespace {

// "<boot>/<namespace of process ids>"; empty where the system does not say.
std::string this_machine() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  std::error_code unknown;
  const auto processes = std::filesystem::read_symlink("/proc/self/ns/pid", unknown);
  return boot.empty() || unknown ? "" : boot + "/" + processes.string();
}

struct ProcessState {
  bool alive = false;   // not even a zombie
  std::string started;  // in ticks since the boot: tells it from a later process of the same id
};

ProcessState state_of(int process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  const auto fields = text::split(text::trim(std::string_view(text).substr(name_end + 1)), ' ');
  constexpr size_t kState = 0, kStarted = 19;  // counted behind the name: proc(5)
  if (fields.size() <= kStarted) return {};
  return {fields[kState] != "Z" && fields[kState] != "X", fields[kStarted]};
}

}  // namespace

std::string marker_folder(const std::string& root) { return root + "/_staging"; }
std::string marker_path(const std::string& root, const std::string& run_id) {
  return marker_folder(root) + "/" + run_id + ".json";
}

std::string marker_text(const StagedRun& run) {
  return nlohmann::json{
      {"run_id", run.run_id},      {"partition", run.partition}, {"base_version", run.base_version},
      {"machine", this_machine()}, {"pid", ::getpid()},          {"started", state_of(::getpid()).started}}
      .dump();
}

std::optional<MarkerContent> parse_marker(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  try {
    MarkerContent out{{json.at("run_id"), json.at("partition"), json.at("base_version")},
                      json.value("machine", ""),
                      json.at("pid"),
                      json.value("started", "")};
    return out.run.run_id.empty() ? std::nullopt : std::optional(out);
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

bool process_ended(const MarkerContent& content) {
  if (content.machine.empty() || content.machine != this_machine()) return false;
  const ProcessState now = state_of(content.process);
  return !now.alive || now.started != content.started;
}

std::unique_ptr<Marker> place_marker(const std::string& root, const StagedRun& run) {
  return is_remote(root) ? place_remote_marker(root, run) : place_local_marker(root, run);
}

void for_dead_runs(const std::string& root, std::chrono::seconds stale, const Remove& remove) {
  is_remote(root) ? for_dead_remote_runs(root, stale, remove) : for_dead_local_runs(root, remove);
}

bool is_shared(const std::string& root, const StagedRun& run) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(marker_folder(root), failed)) {
    std::ifstream file(entry.path());
    const auto owner = parse_marker({std::istreambuf_iterator<char>(file), {}});
    if (!owner || (owner->run.partition == run.partition && owner->run.run_id != run.run_id)) return true;
  }
  return false;
}

}  // namespace metl::pipeline

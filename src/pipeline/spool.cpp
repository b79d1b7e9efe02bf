#include "pipeline/spool.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/environment.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "storage/store.h"
#include "table/lease.h"

namespace metl::pipeline {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kEnd = ".json";

fs::path spool_folder() { return state_folder() / "spool"; }

bool belongs(const nlohmann::json& place, const RecordPlace& there) {
  const std::string curated = place.at("curated_location");
  if (!curated.empty()) return curated == there.curated_location;
  return place.at("config_file") == there.config_file && place.at("environment") == there.environment;
}

}  // namespace

fs::path state_folder() {
  const auto variables = process_variables();
  const auto variable = [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  };
  const std::string state = variable("XDG_STATE_HOME"), home = variable("HOME");
  if (state.empty() && home.empty()) {
    throw Error(Cause::kNotFound, "neither XDG_STATE_HOME nor HOME says where this user's state is kept",
                "Set XDG_STATE_HOME to a folder that outlives the process.");
  }
  return (state.empty() ? fs::path(home) / ".local/state" : fs::path(state)) / "movies-etl";
}

void spool(const RecordPlace& where, const std::string& run_id, const std::string& record) {
  const nlohmann::json out{{"for",
                            {{"curated_location", where.curated_location},
                             {"config_file", where.config_file},
                             {"environment", where.environment}}},
                           {"record", record}};
  const fs::path folder = spool_folder();
  storage::make_private_folder(folder, files::kPrivate);
  files::write(folder / fmt::format("{}{}", run_id, kEnd), out.dump() + "\n", files::kPrivate);
}

std::vector<SpooledRecord> spooled(const RecordPlace& there) {
  std::vector<SpooledRecord> out;
  for (const auto& file : storage::list_files(spool_folder())) {
    const fs::path path = file.path;
    if (path.extension() != kEnd || !table::is_run_id(path.stem().string())) continue;
    const auto text = files::read(path, files::Links::kRefused);
    if (!text) continue;  // another run has just delivered it
    try {
      const auto json = nlohmann::json::parse(*text);
      if (belongs(json.at("for"), there)) out.push_back({path.stem(), json.at("record"), path, text->size()});
    } catch (const nlohmann::json::exception& e) {
      log::warning("{} is no record of a run and is left alone: {}", path.string(), e.what());
    }
  }
  return out;
}

void deliver(const RecordPlace& here, mode_t mode) noexcept {
  try {
    for (const auto& one : spooled(here)) {
      storage::write_text(fmt::format("{}/_runs/{}{}", here.curated_location, one.run_id, kEnd), one.record, mode);
      storage::remove_files({one.path});
      log::info("delivered the record of run {}, which was kept on this machine", one.run_id);
    }
  } catch (const std::exception& e) {
    log::warning("records that are kept on this machine were not delivered: {}", e.what());
  }
}

}  // namespace metl::pipeline

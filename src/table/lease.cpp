#include "table/lease.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/location.h"
#include "base/text.h"
#include "base/time.h"
#include "table/lease_format.h"

namespace metl::table {
namespace {

constexpr std::string_view kExtension = ".json";

// Whether `text` has the form of `pattern`: '0' stands for a decimal digit, 'x' for a hexadecimal one.
bool has_form(std::string_view text, std::string_view pattern) {
  const auto fits = [](char c, char form) {
    const bool digit = c >= '0' && c <= '9';
    if (form == '0') return digit;
    return form == 'x' ? digit || (c >= 'a' && c <= 'f') : c == form;
  };
  return text.size() == pattern.size() && std::equal(text.begin(), text.end(), pattern.begin(), fits);
}

}  // namespace

bool is_run_id(std::string_view text) {
  return has_form(text, "00000000T000000-xxxxxxxx") || has_form(text, "00000000T000000-xxxxxxxx-compact");
}

bool is_partition_folder(std::string_view text) {
  if (text.empty() || text.find('\0') != std::string_view::npos) return false;
  const auto components = text::split(text, '/');
  return std::all_of(components.begin(), components.end(), [](std::string_view component) {
    const size_t equals = component.find('=');  // neither "" nor "." nor ".." nor "_delta_log" has one
    return equals != std::string_view::npos && equals > 0 && equals + 1 < component.size();
  });
}

std::string own_folder(const std::string& run_id) { return "part-" + run_id; }

bool is_staging_folder(std::string_view folder, const std::string& run_id) {
  return is_partition_folder(folder) || folder == own_folder(run_id);
}

std::string lease_folder(const std::string& root) { return root + "/_staging"; }
std::string lease_path(const std::string& root, const std::string& run_id) {
  return fmt::format("{}/{}{}", lease_folder(root), run_id, kExtension);
}

std::optional<std::string> run_of_lease(std::string_view file_name) {
  if (!file_name.ends_with(kExtension)) return std::nullopt;
  file_name.remove_suffix(kExtension.size());
  return is_run_id(file_name) ? std::optional<std::string>(file_name) : std::nullopt;
}

std::string lease_text(const StagedRun& run) {
  const Owner owner = this_process();
  return nlohmann::json{{"run_id", run.run_id},
                        {"partition", run.partition},
                        {"base_version", run.base_version},
                        {"made_partition", run.made_partition},
                        {"made_table", run.made_table},
                        {"day", run.day},
                        {"machine", owner.machine},
                        {"pid", owner.process},
                        {"started", owner.started}}
      .dump();
}

std::optional<LeaseContent> parse_lease(const std::string& text, const std::string& run_id) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  try {
    LeaseContent out{{json.at("run_id"), json.at("partition"), json.at("base_version"),
                      json.value("made_partition", true), json.value("made_table", true), json.value("day", "")},
                     {json.value("machine", ""), json.at("pid"), json.value("started", "")}};
    if (out.run.run_id != run_id || !is_staging_folder(out.run.partition, run_id)) return std::nullopt;
    return out;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::unique_ptr<Lease> take_lease(const std::string& root, const StagedRun& run) {
  return is_remote(root) ? take_remote_lease(root, run) : take_local_lease(root, run);
}

void for_dead_runs(const std::string& root, std::chrono::seconds stale, bool dry_run, const Remove& remove) {
  is_remote(root) ? for_dead_remote_runs(root, stale, dry_run, remove)
                  : for_dead_local_runs(root, stale, dry_run, remove);
}

std::vector<StagedRun> living_runs(const std::string& root, std::chrono::seconds stale) {
  std::set<std::string> dead;
  for_dead_runs(root, stale, /*dry_run=*/true, [&](const StagedRun& run) {
    dead.insert(run.run_id);
    return false;
  });
  std::vector<StagedRun> out = is_remote(root) ? remote_runs(root) : runs_beside(root, "");
  std::erase_if(out, [&](const StagedRun& run) { return dead.contains(run.run_id); });
  return out;
}

}  // namespace metl::table

// What a lease's file holds. Internal to the leases.
#pragma once

#include <optional>
#include <string>

#include "base/owner.h"
#include "table/lease.h"

namespace metl::table {

std::string lease_path(const std::string& root, const std::string& run_id);
std::string lease_folder(const std::string& root);

// The run's id out of a lease's file name; empty for another's.
std::optional<std::string> run_of_lease(std::string_view file_name);

struct LeaseContent {
  StagedRun run;
  Owner owner;
};

std::string lease_text(const StagedRun& run);  // with this process

// Empty for what is no lease of this run.
std::optional<LeaseContent> parse_lease(const std::string& text, const std::string& run_id);

std::unique_ptr<Lease> take_local_lease(const std::string& root, const StagedRun& run);
std::unique_ptr<Lease> take_remote_lease(const std::string& root, const StagedRun& run);
std::vector<StagedRun> remote_runs(const std::string& root);  // that have a lease, as far as it can be read
void for_dead_local_runs(const std::string& root, std::chrono::seconds stale, bool dry_run, const Remove& remove);
void for_dead_remote_runs(const std::string& root, std::chrono::seconds stale, bool dry_run, const Remove& remove);

}  // namespace metl::table

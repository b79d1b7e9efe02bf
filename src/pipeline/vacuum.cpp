#include "pipeline/vacuum.h"

#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secrets.h"
#include "base/stop.h"
#include "base/time.h"
#include "pipeline/ownership.h"
#include "pipeline/run.h"
#include "table/retention.h"

#ifndef METL_VERSION
#error "METL_VERSION must be defined"
#endif

namespace metl::pipeline {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Texts = std::map<std::string, std::string>;

// A version that changes no file, which tells of what happens to those that no version names.
void tell(const table::Table& table, const VacuumPlan& plan, const std::string& run_id, const std::string& operation,
          const Texts& parameters, const Texts& metrics) {
  nlohmann::ordered_json metadata{
      {"run_id", run_id}, {"program", "movies-etl " METL_VERSION}, {"pipeline", plan.pipeline.name}};
  if (!plan.reason.empty()) metadata["reason"] = plan.reason;
  const stop::Hold whole(stop::Hold::For::kCommit);
  const auto outcome = table.commit({.partitions = {},
                                     .run_id = fmt::format("{} {}", run_id, operation),
                                     .app_id = fmt::format("movies-etl:{}:vacuum", plan.table_name),
                                     .operation = operation,
                                     .operation_parameters = parameters,
                                     .operation_metrics = metrics,
                                     .user_metadata = secrets::masked(on_one_line(metadata)),
                                     .data_change = false});
  if (outcome.kind == table::CommitOutcome::Kind::kCommitted) return;
  throw Error(Cause::kConflict, fmt::format("the vacuum could not be written into the history: {}", outcome.detail),
              "Another vacuum of the table may be under way. Run it again.");
}

std::string days_text(std::chrono::seconds time) {
  return fmt::format("{:.2f} days", std::chrono::duration<double, std::ratio<86400>>(time).count());
}

}  // namespace

VacuumReport vacuum_table(const table::Table& table, const VacuumPlan& plan, const table::Told& told) {
  claim(table, plan.pipeline.name, /*take_over=*/false);
  table.require_writable();
  VacuumReport report;
  const auto now = std::chrono::system_clock::now();
  report.run_id = new_run_id(now);
  const std::chrono::seconds retention = table::deleted_file_retention(table);
  report.kept = plan.older_than.value_or(retention);
  if (report.kept < retention && plan.reason.empty()) {
    throw Error(Cause::kUsage,
                fmt::format("--older-than keeps {} of versions, and the table's own retention is {} "
                            "(delta.deletedFileRetentionDuration)",
                            days_text(report.kept), days_text(retention)),
                "Readers and writers that began before may need the files. If none did, say why with --force REASON; "
                "the reason goes into the table's history.");
  }
  const Texts parameters{{"retentionCheckEnabled", plan.reason.empty() ? "true" : "false"},
                         {"specifiedRetentionMillis", std::to_string(duration_cast<milliseconds>(report.kept).count())},
                         {"defaultRetentionMillis", std::to_string(duration_cast<milliseconds>(retention).count())}};
  bool begun = false;
  report.data = table::vacuum(table, {.since_millis = unix_millis(now - report.kept),
                                      .apply = plan.apply,
                                      .told = told,
                                      .before_first =
                                          [&] {
                                            tell(table, plan, report.run_id, "VACUUM START", parameters, {});
                                            begun = true;
                                          },
                                      .before_each = plan.before_each});
  if (begun) {
    try {
      tell(table.refreshed(), plan, report.run_id, "VACUUM END", {{"status", "COMPLETED"}},
           {{"numDeletedFiles", std::to_string(report.data.files)},
            {"numVacuumedDirectories", std::to_string(report.data.folders)}});
    } catch (const Error& e) {
      log::warning("the files are removed, but the history does not say that all are: {}", e.message());
    }
  }
  report.log_files = table::clean_log(table, unix_millis(now), plan.apply, told);
  return report;
}

}  // namespace metl::pipeline

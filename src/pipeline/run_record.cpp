#include "pipeline/run_record.h"

#include <sys/resource.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/location.h"
#include "base/log.h"
#include "base/secrets.h"
#include "pipeline/outcome.h"
#include "storage/store.h"

namespace metl::pipeline {
namespace {

uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

// What to do about it, and what became of the day.
std::string hint_for(const RunReport& report, const Error& why) {
  if (report.published)
    return fmt::format("The day is published as version {}; only what came after failed.", report.version.value_or(0));
  const std::string_view own = why.what_to_do();
  return fmt::format("{}{}Nothing was published; the partition is as it was.", own, own.empty() ? "" : " ");
}

void complete(RunReport& report) {
  report.seconds = std::chrono::duration<double>(std::chrono::system_clock::now() - report.started).count();
  report.peak_memory = peak_memory();
}

}  // namespace

void fail(RunReport& report, const Error& why) {
  report.status = Status::kFailed;
  report.error = why.hinting(hint_for(report, why));
}

void keep_record(const RunRequest& request, RunReport& report) noexcept {
  if (request.dry_run) {
    complete(report);
    return;
  }
  const RecordPlace where{request.curated_location, request.config_file, request.environment};
  if (!keep_record(where, request.record_mode, report)) return;
  try {
    keep_outcome(request, report);
  } catch (const std::exception& e) {
    log::warning("a plan will not tell how this run ended: {}", e.what());
  }
}

bool keep_record(const RecordPlace& where, mode_t mode, RunReport& report) noexcept {
  try {
    complete(report);
    const std::string line = secrets::masked(on_one_line(to_json(report))) + "\n";
    try {
      // Where a store has just not answered, another minute of asking it helps nobody.
      const bool is_down =
          is_remote(where.curated_location) && report.error &&
          (report.error->cause() == Cause::kUnreachable || report.error->cause() == Cause::kNoCredentials);
      if (where.curated_location.empty()) throw Error(Cause::kConfiguration, "no configuration says where it belongs");
      if (is_down) throw Error(report.error->cause(), "the store does not answer");
      storage::write_text(fmt::format("{}/_runs/{}.json", where.curated_location, report.run_id), line, mode);
    } catch (const Error& e) {
      spool(where, report.run_id, line);
      log::warning("the record of run {} is kept on this machine until a run can deliver it: {}", report.run_id,
                   e.message());
      return false;
    }
    deliver(where, mode);
    return true;
  } catch (const std::exception& e) {
    log::warning("no run record: {}", e.what());
    return false;
  }
}

}  // namespace metl::pipeline

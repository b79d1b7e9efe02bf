#include "pipeline/run_record.h"

#include <sys/resource.h>

#include <nlohmann/json.hpp>

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

}  // namespace

void fail(RunReport& report, const Error& why) {
  report.status = Status::kFailed;
  report.error = why.hinting(hint_for(report, why));
}

void keep_record(const RunRequest& request, RunReport& report) noexcept {
  try {
    report.seconds = std::chrono::duration<double>(std::chrono::system_clock::now() - report.started).count();
    report.peak_memory = peak_memory();
    if (request.dry_run) return;
    const std::string line = to_json(report).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    storage::write_text(fmt::format("{}/_runs/{}.json", request.curated_location, report.run_id),
                        secrets::masked(line) + "\n", request.record_mode);
    keep_outcome(request, report);
  } catch (const std::exception& e) {
    log::warning("no run record: {}", e.what());
  }
}

}  // namespace metl::pipeline

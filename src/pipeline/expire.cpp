#include "pipeline/expire.h"

#include "base/stop.h"
#include "storage/store.h"

namespace metl::pipeline {
namespace {

using Clock = std::chrono::system_clock;

class Expiring {
 public:
  explicit Expiring(const ExpireRequest& request) : request_(request), now_(Clock::now()) {}

  Expired run() {
    const Retention& keep = request_.retention;
    const std::string records = request_.place.curated_location + "/_runs";
    if (keep.records || keep.samples) {
      for (const auto& run : files_of_runs(records)) {
        stop::check();
        const bool expired = is_old(run.began(), keep.samples);
        if (expired && !request_.dry_run) remove_samples(records, run);
        if (expired) tell("samples", run.samples);
        const bool samples_stay = run.others || !(expired || run.samples.empty());
        if (!samples_stay && is_old(run.began(), keep.records)) go("record", run.record);
      }
    }
    if (keep.spool) {
      for (const auto& waiting : spooled(request_.place)) {
        stop::check();
        if (is_old(time_of_run(waiting.run_id), keep.spool)) go("spool", {{waiting.path, waiting.bytes}});
      }
    }
    return out_;
  }

 private:
  bool is_old(Clock::time_point began, const std::optional<std::chrono::seconds>& kept) const {
    return kept && began < now_ - *kept;
  }

  void tell(const char* kind, const std::vector<KeptFile>& files) {
    for (const auto& file : files) {
      ++out_.files;
      out_.bytes += file.bytes;
      request_.told(kind, file);
    }
  }

  void go(const char* kind, const std::vector<KeptFile>& files) {
    for (const auto& file : files) {
      if (!request_.dry_run) storage::remove_files({file.path});
    }
    tell(kind, files);
  }

  const ExpireRequest& request_;
  Clock::time_point now_;
  Expired out_;
};

}  // namespace

Expired expire(const ExpireRequest& request) { return Expiring(request).run(); }

}  // namespace metl::pipeline

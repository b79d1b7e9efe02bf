#include "app/many_days.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "app/catalog.h"
#include "app/chosen_engine.h"
#include "app/run_request.h"
#include "base/log_fields.h"
#include "base/stop.h"

namespace metl::app {
namespace {

// What one day after the other is run with.
struct Worker {
  std::unique_ptr<table::Catalog> catalog;
  pipeline::RunRequest request;
  ChosenEngine engine;

  Worker(const ManyDays& what, int shares)
      : catalog(open_catalog(what.settings)),
        request(request_of(what, *catalog)),
        engine(&what.settings, locations(what.settings, request), {}, shares) {}

  static pipeline::RunRequest request_of(const ManyDays& what, table::Catalog& catalog) {
    auto request = run_request(what.settings, what.pipeline, catalog, what.days.front());
    request.table_root = table_root(what.settings, request);
    return request;
  }
};

class Days {
 public:
  explicit Days(const ManyDays& what) : what_(what) {}

  // Until there is none left to begin.
  void work(Worker& worker) {
    while (const auto day = next()) {
      worker.request.day = *day;
      what_.adjust(worker.request);
      const pipeline::RunEvents events{
          .step = [](const std::string&) {},
          .progress = [this, &day](const engine::Advance& now) { what_.advanced(*day, now); },
          .published = {}};
      const auto report = pipeline::run_day(worker.request, worker.engine.get(), events);
      const std::lock_guard lock(mutex_);
      ended_badly_ |= report.exit_code() != ExitCode::kDone;
      what_.ended(report);
    }
  }

 private:
  std::optional<Date> next() {
    const std::lock_guard lock(mutex_);
    if (begun_ == what_.days.size() || stop::requested() || (ended_badly_ && !what_.keep_going)) return std::nullopt;
    const Date day = what_.days[begun_++];
    what_.started(day);
    return day;
  }

  const ManyDays& what_;
  std::mutex mutex_;  // guards what follows, and is held by calls to who listens
  size_t begun_ = 0;
  bool ended_badly_ = false;
};

}  // namespace

void run_days(const ManyDays& what) {
  if (what.days.empty()) return;
  const size_t jobs = std::min(what.jobs, what.days.size());
  std::vector<std::unique_ptr<Worker>> workers;
  for (size_t i = 0; i < jobs; ++i) workers.push_back(std::make_unique<Worker>(what, static_cast<int>(jobs)));
  Days days(what);
  std::vector<std::thread> others;
  for (size_t i = 1; i < jobs; ++i) {
    others.emplace_back([&days, &worker = *workers[i]] {
      const log::OwnFields own;
      days.work(worker);
    });
  }
  {
    std::optional<log::OwnFields> own;
    if (jobs > 1) own.emplace();
    days.work(*workers.front());
  }
  for (auto& each : others) each.join();
}

}  // namespace metl::app

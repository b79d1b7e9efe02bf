#include "pipeline/upkeep.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "base/time.h"
#include "pipeline/optimize.h"
#include "pipeline/vacuum.h"
#include "table/history.h"

namespace metl::pipeline {
namespace {

using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::hours kBetweenVacuums{24};

// Whether this program did not commit such an operation within the time; the compaction after a run does not count.
bool is_due(const std::string& root, const std::string& operation, seconds every) {
  const int64_t since = unix_millis(std::chrono::system_clock::now() - every);
  bool due = true;
  table::visit_history(root, [&](const table::HistoryEntry& entry) {
    if (entry.millis < since) return false;
    const auto automatic = entry.parameters.find("auto");
    const bool asked_for = automatic == entry.parameters.end() || automatic->second != "true";
    due = entry.operation != operation || entry.run_id.empty() || !asked_for;
    return due;
  });
  return due;
}

template <typename Function>
void attempt(const char* what, const Function& function) noexcept {
  try {
    function();
  } catch (const std::exception& e) {
    log::warning("the days are published, but {} did not end: {}", what, e.what());
  }
}

void optimize_table(engine::Engine& engine, const RunRequest& request, const std::function<void()>& going_on) {
  const OptimizeReport report =
      optimize(engine, {.run = request, .days = std::nullopt, .partition = {}, .before_each = going_on});
  using Kind = OptimizedPartition::Kind;
  log::info("upkeep: {} partitions optimized, {} left for the next time", report.count(Kind::kDone),
            report.count(Kind::kLeft) + report.count(Kind::kFailed));
}

void vacuum_old(const RunRequest& request, seconds kept, const std::function<void()>& going_on) {
  const auto table = table::Table::open(request.table_root);
  if (!table) return;
  const VacuumReport report = vacuum_table(*table,
                                           {.pipeline = request.pipeline,
                                            .table_name = request.table,
                                            .older_than = kept,
                                            .reason = "",
                                            .apply = true,
                                            .before_each = going_on},
                                           [](const std::string&, uint64_t) {});
  log::info("upkeep: {} data files ({}) and {} files of the log removed", report.data.files,
            text::human_bytes(report.data.bytes), report.log_files);
}

}  // namespace

void look_after(engine::Engine& engine, const RunRequest& request, const Upkeep& wanted) noexcept {
  const auto end = Clock::now() + wanted.limit;
  const auto going_on = [&] {
    stop::check();
    if (Clock::now() < end) return;
    throw Error(Cause::kTimedOut, fmt::format("upkeep.time_limit ({} s) is over", wanted.limit.count()),
                "The next time goes on; or run `movies-etl optimize` or `vacuum` by themselves.");
  };
  if (wanted.optimize_every) {
    attempt("the table's optimize", [&] {
      going_on();
      if (is_due(request.table_root, "OPTIMIZE", *wanted.optimize_every)) optimize_table(engine, request, going_on);
    });
  }
  if (wanted.vacuum_kept) {
    attempt("the table's vacuum", [&] {
      going_on();
      if (is_due(request.table_root, "VACUUM END", kBetweenVacuums)) vacuum_old(request, *wanted.vacuum_kept, going_on);
    });
  }
}

}  // namespace metl::pipeline

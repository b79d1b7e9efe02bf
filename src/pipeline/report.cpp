#include "pipeline/report.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "base/time.h"
#include "quality/report/render.h"

#ifndef METL_VERSION
#error "METL_VERSION must be defined"
#endif

namespace metl::pipeline {
namespace {

using Json = nlohmann::ordered_json;

std::string status_name(Status status) {
  switch (status) {
    case Status::kPublished:
      return "published";
    case Status::kDryRun:
      return "dry_run";
    case Status::kKept:
      return "kept";
    case Status::kChecksFailed:
      return "checks_failed";
    case Status::kFailed:
      return "failed";
  }
  return "failed";
}

std::string headline(const RunReport& report) {
  switch (report.status) {
    case Status::kPublished:
      return fmt::format("published as version {}", report.version.value_or(0));
    case Status::kDryRun:
      return fmt::format("dry run, nothing published: {} live files would be replaced", report.files_before);
    case Status::kKept:
      return "no input; the partition was kept as it was";
    case Status::kChecksFailed:
      return report.published ? fmt::format("CHECKS FAILED after publishing version {}", report.version.value_or(0))
                              : "CHECKS FAILED, nothing published";
    case Status::kFailed:
      return "failed, nothing published";
  }
  return {};
}

std::vector<std::string> sample_files(const RunReport& report) {
  std::vector<std::string> out;
  if (!report.checks) return out;
  for (const auto& check : report.checks->checks) {
    if (!check.sample_file.empty()) out.push_back(check.sample_file);
  }
  return out;
}

}  // namespace

ExitCode RunReport::exit_code() const {
  if (status == Status::kChecksFailed) return ExitCode::kCheckFailed;
  if (status == Status::kFailed) return error ? error->code() : ExitCode::kRunFailed;
  return ExitCode::kDone;
}

Json checks_summary(const quality::ScanResult& checks) {
  using quality::Outcome;
  Json out{{"passed", checks.count(Outcome::kPass)},
           {"warned", checks.count(Outcome::kWarn)},
           {"failed", checks.count(Outcome::kFail)},
           {"not_evaluated", checks.count(Outcome::kNotEvaluated)},
           {"errors", checks.errors.size()}};
  return out;
}

Json effect_json(const Effect& effect) {
  return {{"partitions", effect.partitions}, {"inserted", effect.inserted}, {"updated", effect.updated},
          {"unchanged", effect.unchanged},   {"removed", effect.removed},   {"copied", effect.copied}};
}

Json to_json(const RunReport& r) {
  const Json staged{{"rows", r.rows_staged}, {"files", r.files_staged}, {"bytes", r.bytes_staged}};
  Json out{{"run_id", r.run_id},
           {"status", status_name(r.status)},
           {"exit_code", static_cast<int>(r.exit_code())},
           {"pipeline", r.pipeline},
           {"execution_date", r.execution_date},
           {"table", r.table},
           {"location", r.table_root},
           {"published", r.published},
           {"version", r.version ? Json(*r.version) : Json()},
           {"started", iso_utc(r.started)},
           {"seconds", r.seconds},
           {"engine", r.engine},
           {"program_version", METL_VERSION},
           {"command", r.command},
           {"source",
            {{"folder", r.source_folder},
             {"files", r.source_files},
             {"bytes", r.source_bytes},
             {"rows", r.rows_read},
             {"passed_over", r.passed_over}}},
           {"duplicates_dropped", r.duplicates},
           {"dropped_by_transform", r.dropped_by_transform ? Json(*r.dropped_by_transform) : Json()},
           {"staged", staged},
           {"written",
            {{"rows", r.published ? r.rows_written() : 0},
             {"files", r.published ? r.files_written() : 0},
             {"bytes", r.published ? r.bytes_written() : 0}}},
           {"files_replaced", r.published ? r.files_before : 0},
           {"peak_memory_bytes", r.peak_memory}};
  if (r.quarantined) out["quarantined"] = *r.quarantined;
  if (r.effect && r.published) out["effect"] = effect_json(*r.effect);
  if (r.execution_hour) out["execution_hour"] = *r.execution_hour;
  Json steps = Json::object();
  for (const auto& [name, seconds] : r.steps) steps[name] = seconds;
  out["steps_seconds"] = steps;
  if (r.checks) {
    out["checks"] = quality::to_json(*r.checks);
    out["checks"]["summary"] = checks_summary(*r.checks);
  }
  if (const auto samples = sample_files(r); !samples.empty()) out["samples"] = samples;
  if (r.error) {
    out["error"] =
        Json{{"cause", name_of(r.error->cause())}, {"message", r.error->message()}, {"hint", r.error->hint()}};
  }
  return out;
}

std::string to_text(const RunReport& r, bool colour) {
  std::vector<std::string> steps;
  for (const auto& [name, seconds] : r.steps) steps.push_back(fmt::format("{} {:.2f}", name, seconds));
  std::string out = fmt::format(
      "{} {}: {}\n", r.table,
      r.execution_hour ? fmt::format("{}T{:02}", r.execution_date, *r.execution_hour) : r.execution_date, headline(r));
  const auto line = [&out](std::string_view name, const std::string& value) {
    out += fmt::format("  {:<11} {}\n", name, value);
  };
  std::string rows_out =
      fmt::format("{} {}", text::human_count(r.rows_staged), r.published ? "written" : "staged, 0 written");
  if (r.published && r.effect) rows_out = fmt::format("{} staged", text::human_count(r.rows_staged));
  const std::string set_aside =
      r.quarantined.value_or(0) > 0
          ? fmt::format(", {} {}", text::human_count(*r.quarantined), r.published ? "quarantined" : "to be quarantined")
          : std::string();
  const std::string dropped =
      r.dropped_by_transform.value_or(0) > 0
          ? fmt::format(", {} dropped by the transform", text::human_count(*r.dropped_by_transform))
          : std::string();
  line("rows", fmt::format("{} read, {} duplicates dropped{}{}, {}", text::human_count(r.rows_read),
                           text::human_count(r.duplicates), dropped, set_aside, rows_out));
  if (r.published && r.effect) {
    const Effect& e = *r.effect;
    line("table rows",
         fmt::format("{} inserted, {} updated, {} unchanged, {} removed, {} copied; partitions: {}",
                     text::human_count(e.inserted), text::human_count(e.updated), text::human_count(e.unchanged),
                     text::human_count(e.removed), text::human_count(e.copied), e.partitions));
  }
  line("files", fmt::format("{} read ({}), {} {} ({}), {} replaced", r.source_files, text::human_bytes(r.source_bytes),
                            r.published ? r.files_written() : r.files_staged, r.published ? "written" : "staged",
                            text::human_bytes(r.published ? r.bytes_written() : r.bytes_staged),
                            r.published ? r.files_before : 0));
  if (!r.passed_over.empty()) line("passed over", fmt::format("{}", fmt::join(r.passed_over, ", ")));
  if (r.checks) {
    const Json counts = checks_summary(*r.checks);
    line("checks",
         fmt::format("{} passed, {} warned, {} failed, {} not evaluated", counts["passed"].get<int>(),
                     counts["warned"].get<int>(), counts["failed"].get<int>(), counts["not_evaluated"].get<int>()));
  }
  line("table", r.table_root);
  line("time", fmt::format("{:.2f} s ({})", r.seconds, fmt::join(steps, ", ")));
  line("peak memory", text::human_bytes(r.peak_memory));
  line("run", fmt::format("{} by movies-etl {} on {}", r.run_id, METL_VERSION, r.engine));
  for (const auto& file : sample_files(r)) line("samples", file);
  if (r.checks && (r.checks->count(quality::Outcome::kPass) != static_cast<int>(r.checks->checks.size()) ||
                   !r.checks->errors.empty())) {
    out += quality::render_text(*r.checks, colour);
  }
  return out;
}

}  // namespace metl::pipeline

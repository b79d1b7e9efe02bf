#include "pipeline/quarantine_day.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "storage/store.h"

namespace metl::pipeline {
namespace {

int64_t rows_of(const std::vector<engine::DataFile>& files) {
  int64_t out = 0;
  for (const auto& file : files) out += file.rows;
  return out;
}

void require_sum(const Judgement& judged, int64_t staged, int64_t good, int64_t bad) {
  if (judged.rows == staged && good + bad == staged && bad == judged.bad) return;
  throw Error(Cause::kInternal,
              fmt::format("the rows do not add up: {} staged and {} judged, {} of them bad; {} written as good, {} set "
                          "aside",
                          staged, judged.rows, judged.bad, good, bad),
              "Nothing was published. A condition of the checks that is not the same each time, such as one with "
              "random(), does this; else please report it.");
}

}  // namespace

std::string day_folder(const StagingArea& area, const Definition& pipeline, const source::Interval& interval) {
  std::string out = area.folder() + "/" + staging_folder(pipeline, interval, "");
  storage::make_folder(out);
  return out;
}

void DayQuarantine::bind(engine::Engine& engine, const Definition& pipeline, const std::string& select) {
  carried_ = carried(engine, pipeline, select);
}

void DayQuarantine::bind_again(const Definition& pipeline, const std::string& select, const std::string& origin) {
  carried_ = carried_again(pipeline, select, origin);
  again_ = true;
}

void DayQuarantine::widen(engine::StageRequest& request, const source::Landing& day) const {
  if (!carried_) return;
  request.select = carried_->select;
  request.origins.clear();
  for (const auto& file : day.files) request.origins.push_back(file.path);
  request.target_columns.insert(request.target_columns.end(), carried_->columns.begin(), carried_->columns.end());
}

std::vector<engine::DataFile> DayQuarantine::split(engine::Engine& engine, AuditRequest gate, const Staged& staged,
                                                   bool at_most_one, RunReport& report) {
  if (!at_most_one) {
    throw Error(Cause::kConfiguration,
                fmt::format("{}: rows cannot be set aside, as on_bad_rows in {} asks for: a row of the transform need "
                            "not come from one raw row alone",
                            staged.pipeline.transform_file, staged.pipeline.checks_file),
                "Write the transform as one SELECT ... FROM source [WHERE ...] that gives each row once or not at "
                "all, or take on_bad_rows out of the checks.");
  }
  Judge judge(engine, std::move(gate), *carried_, staged.area.folder());
  judgement_ = judge.judgement();
  if (has_too_many()) return staged.files;
  engine::WriteOptions options = staged.layout;
  // A staged file's name goes on with a digit (table/removal.h).
  if (again_) {
    options.folder = staged.area.scratch();
    options.name_prefix = staged.area.name_prefix() + "-0-good";
  } else {
    options.folder = day_folder(staged.area, staged.pipeline, staged.interval);
    options.name_prefix = staged.area.name_prefix();
  }
  std::vector<engine::DataFile> good = judge.write_good(staged.pipeline.file_columns(), options);
  options.folder = staged.area.scratch();
  options.name_prefix = staged.area.name_prefix() + "-0-bad";
  options.cluster_by.clear();
  if (judgement_->bad > 0) bad_ = judge.write_bad(staged.pipeline.source.contents.columns, options);
  require_sum(*judgement_, rows_of(staged.files), rows_of(good), rows_of(bad_));
  for (const auto& file : good) {
    if (file.rows == 0) staged.area.discard({file.path});
  }
  std::erase_if(good, [](const engine::DataFile& file) { return file.rows == 0; });
  report.quarantined = judgement_->bad;
  report.rows_staged = rows_of(good);
  report.bytes_staged = 0;
  for (const auto& file : good) report.bytes_staged += file.bytes;
  return good;
}

void DayQuarantine::judge(quality::ScanResult& checks) const {
  if (!judgement_ || again_) return;
  for (const Judged* one : judgement_->exceeded()) {
    for (auto& check : checks.checks) {
      const auto& at = one->rule.location;
      const bool is_it = check.location.file == at.file && check.location.line == at.line &&
                         check.location.column == at.column && check.name == one->rule.name;
      if (!is_it) continue;
      check.outcome = quality::Outcome::kFail;
      check.diagnostics.emplace_back("on_bad_rows", reason_of(*one, judgement_->rows));
    }
  }
}

void DayQuarantine::commit(engine::Engine& engine, const RunRequest& request, const Definition& pipeline,
                           const std::string& run_id, const engine::WriteOptions& layout) {
  if (bad_.empty()) return;
  quarantining_ =
      std::make_unique<Quarantining>(pipeline, request.interval(), request.table_root, run_id, request.record_mode);
  quarantining_->commit(engine, bad_, layout);
}

void DayQuarantine::arrange(const Definition& pipeline, const source::Interval& interval, const table::Table& table,
                            const std::string& run_id, Arrangement& out) {
  is_used_ = has_quarantine(table);
  if (!carried_ && !is_used_) return;
  if (table.properties().contains("delta.setTransactionRetentionDuration")) {
    throw Error(Cause::kConfiguration,
                fmt::format("the table at {} has delta.setTransactionRetentionDuration, so it would forget which rows "
                            "of its quarantine count",
                            table.root()),
                "Take the property off the table, or on_bad_rows out of the checks.");
  }
  out.marks.insert(quarantine_mark(pipeline, interval, run_id));
  if (!is_used_) out.properties.merge(quarantine_properties());
  is_used_ = true;
}

void DayQuarantine::settle_if_used(const std::string& table_root, const std::string& pipeline) const {
  if (is_used_) settle(table_root, pipeline);
}

}  // namespace metl::pipeline

// What setting rows aside adds to a run of a day, step by step: nothing where no check of the pipeline asks for it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/publish.h"
#include "pipeline/quarantine_judge.h"
#include "pipeline/quarantine_store.h"
#include "pipeline/report.h"
#include "pipeline/run.h"
#include "pipeline/staging_area.h"

namespace metl::pipeline {

// Of files that are to be the day's partition, in an area of a run's own; it is there then.
std::string day_folder(const StagingArea& area, const Definition& pipeline, const source::Interval& interval);

class DayQuarantine {
 public:
  // After it: it is known whether rows may be set aside. Throws what carried() does.
  void bind(engine::Engine& engine, const Definition& pipeline, const std::string& select);
  // The same of rows that come out of the quarantine (carried_again). There is no limit to how many stay in it, and
  // good rows are left in the scratch too: they are to be a part of the day only.
  void bind_again(const Definition& pipeline, const std::string& select, const std::string& origin);

  bool sets_aside() const { return carried_.has_value(); }

  // What is staged then has the raw rows beside the table's. `day`: the raw files of the request's sources.
  void widen(engine::StageRequest& request, const source::Landing& day) const;

  // Of what was staged so: the files of good rows, in a folder of the day's partition; bad rows lie in the area's
  // scratch. Where too many are bad it is all rows, none of which may be published. The report says how many rows are
  // staged, and how many were set aside. Throws Error{kConfiguration} unless each raw row gave at most one
  // (`at_most_one`), and Error when rows do not add up.
  std::vector<engine::DataFile> split(engine::Engine& engine, AuditRequest gate, const Staged& staged, bool at_most_one,
                                      RunReport& report);

  bool has_too_many() const { return !again_ && judgement_ && !judgement_->exceeded().empty(); }

  // Lets the checks fail that call more rows bad than may be set aside.
  void judge(quality::ScanResult& checks) const;

  // Before the table's commit: the bad rows are in the quarantine, and do not count yet.
  void commit(engine::Engine& engine, const RunRequest& request, const Definition& pipeline, const std::string& run_id,
              const engine::WriteOptions& layout);

  // With the table's commit they count, and those of an earlier run of the day count no more.
  void arrange(const Definition& pipeline, const source::Interval& interval, const table::Table& table,
               const std::string& run_id, Arrangement& out);

  // After that commit, where the table has a quarantine: settle().
  void settle_if_used(const std::string& table_root, const std::string& pipeline) const;

 private:
  std::optional<Carried> carried_;
  std::optional<Judgement> judgement_;
  std::vector<engine::DataFile> bad_;
  std::unique_ptr<Quarantining> quarantining_;
  bool again_ = false;
  bool is_used_ = false;
};

}  // namespace metl::pipeline

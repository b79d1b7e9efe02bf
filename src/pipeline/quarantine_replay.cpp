#include "pipeline/quarantine_replay.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "pipeline/agreement.h"
#include "pipeline/binding.h"
#include "pipeline/commit_metadata.h"
#include "pipeline/datasets.h"
#include "pipeline/inputs.h"
#include "pipeline/made_of.h"
#include "pipeline/ownership.h"
#include "pipeline/publish.h"
#include "pipeline/quarantine_day.h"
#include "pipeline/run_record.h"
#include "pipeline/sums.h"
#include "quality/history/file_history.h"
#include "sql/names.h"
#include "storage/store.h"

namespace metl::pipeline {
namespace {

std::string list_of(const Schema& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(sql::identifier(column.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<std::string> paths_of(const std::vector<engine::DataFile>& files) {
  std::vector<std::string> out;
  for (const auto& file : files) out.push_back(file.path);
  return out;
}

std::vector<engine::FileGroup> groups_of(const std::vector<engine::DataFile>& files) {
  if (files.empty()) return {};
  return {{paths_of(files), {}}};
}

int64_t count_in(engine::Engine& engine, const std::string& view) {
  return std::get<int64_t>(engine.query("SELECT count(*) FROM " + view).rows.at(0).at(0));
}

class Replay {
 public:
  Replay(const RunRequest& request, engine::Engine& engine, const RunEvents& events, RunReport& report)
      : request_(request),
        pipeline_(request.pipeline),
        engine_(engine),
        events_(events),
        report_(report),
        further_(request.pipeline.inputs, request.catalog, request.day) {}

  void run() {
    step("bind", [this] { bind(); });
    step("read", [this] { read(); });
    if (!set_aside_) {
      report_.status = Status::kKept;
      return;
    }
    step("stage", [this] { stage(); });
    if (report_.quarantined == report_.rows_read) {
      report_.status = Status::kKept;
      return;
    }
    step("check", [this] { check(); });
    if (!passes(*report_.checks)) {
      report_.status = Status::kChecksFailed;
      return;
    }
    if (request_.dry_run) {
      report_.status = Status::kDryRun;
      return;
    }
    step("publish", [this] { publish_day(); });
  }

 private:
  template <typename Function>
  void step(const std::string& name, const Function& function) {
    stop::check();
    const Stopwatch watch;
    events_.step(name);
    function();
    report_.steps.emplace_back(name, watch.seconds());
  }

  void bind() {
    if (!pipeline_.replaces_its_day()) {
      throw Error(
          Cause::kConfiguration,
          fmt::format("{}: nothing is set aside for a pipeline whose run does not replace its day", pipeline_.file));
    }
    const std::string select = bound_transform(engine_, request_, further_, report_.run_id);
    require_understood(engine_, gate());
    quarantine_.bind_again(pipeline_, select, kFileColumn);
  }

  // After it: the rows that count for the day are known, on one version of each table.
  void read() {
    const auto quarantine = table::Table::open(quarantine_root(report_.table_root));
    auto table = table::Table::open(report_.table_root);
    if (!table) return;
    base_ = std::make_shared<const table::Table>(std::move(*table));
    claim(*base_, pipeline_.name, request_.take_over);
    agreement_ = require_agreement(*base_, pipeline_, false);
    pipeline_ = spelled(pipeline_, agreement_);
    live_ = base_->files(pipeline_.run_partition(request_.interval()));
    report_.files_before = static_cast<int64_t>(live_.size());
    if (!quarantine) return;
    for (auto& one : all_set_aside(*quarantine, base_->refreshed())) {
      if (!one.in_force || one.day != pipeline_.run_partition(request_.interval())) continue;
      bad_before_ = dataset_of("set_aside", *quarantine, one.files);
      report_.source_folder = quarantine->root();
      report_.source_files = static_cast<int64_t>(one.files.size());
      set_aside_ = std::move(one);
    }
  }

  // After it: the day's partition as it is to be lies staged, its rows of now and those that are good by now.
  void stage() {
    staging_.emplace(report_.table_root, table::own_folder(report_.run_id), report_.run_id,
                     static_cast<int64_t>(base_->version()), request_.interval().text());
    layout_ = {.folder = staging_->scratch(),
               .name_prefix = staging_->name_prefix(),
               .cluster_by = pipeline_.cluster_by,
               .compression = request_.compression,
               .parquet_version = request_.parquet_version,
               .target_bytes = request_.target_bytes};
    const std::vector<engine::DataFile> good = judged(rows_again());
    const std::string present =
        engine_.create_view("metl_present", base_->columns(), dataset_of("present", *base_, live_).files,
                            dataset_of("present", *base_, live_).stored);
    const std::string added = engine_.create_view("metl_good", pipeline_.file_columns(), groups_of(good));
    engine::WriteOptions options = layout_;
    options.folder = day_folder(*staging_, pipeline_, request_.interval());
    const std::string columns = list_of(pipeline_.file_columns());
    staged_ =
        engine_.write(fmt::format("SELECT {0} FROM (SELECT {0} FROM {1} UNION ALL SELECT {0} FROM {2}) AS metl_day{3}",
                                  columns, present, added, sql::order_by(pipeline_.cluster_by)),
                      options, events_.progress);
    for (const auto& file : staged_) {
      if (file.rows == 0) staging_->discard({file.path});
    }
    std::erase_if(staged_, [](const engine::DataFile& file) { return file.rows == 0; });
    const int64_t gained = report_.rows_staged, before = count_in(engine_, present);
    report_.rows_staged = 0;
    report_.bytes_staged = 0;
    for (const auto& file : staged_) {
      report_.rows_staged += file.rows;
      report_.bytes_staged += file.bytes;
    }
    report_.files_staged = static_cast<int64_t>(staged_.size());
    if (report_.rows_staged != before + gained) {
      throw Error(Cause::kInternal,
                  fmt::format("the rows do not add up: {} were in the day, {} are good by now, {} were written", before,
                              gained, report_.rows_staged),
                  "Please report it.");
    }
    require_rules(engine_, agreement_, pipeline_.staged_columns(), report_.table_root, staged_);
  }

  // The raw rows as Parquet files with all columns that the source has by now.
  engine::StageRequest rows_again() {
    engine::StageRequest out;
    out.source_columns = pipeline_.source.contents.columns;
    out.source_columns.push_back({kFileColumn, *parse_type("string"), true, ""});
    for (const auto& column : out.source_columns) {
      const Field* found = find_field(bad_before_.columns, column.name);
      if (found == nullptr || found->type == column.type) continue;
      throw Error(Cause::kConfiguration,
                  fmt::format("column '{}' of the source is {} now, and was {} when its rows were set aside",
                              column.name, type_name(column.type), type_name(found->type)),
                  fmt::format("Declare it as it was in {}, or run the day again from its raw files.", pipeline_.file));
    }
    const std::string view =
        engine_.create_view("metl_set_aside", out.source_columns, bad_before_.files, bad_before_.stored);
    engine::WriteOptions options = layout_;
    options.cluster_by.clear();
    options.name_prefix = staging_->name_prefix() + "-0-again";
    const auto files = engine_.write(fmt::format("SELECT {} FROM {}", list_of(out.source_columns), view), options, {});
    out.sources = engine_.inspect(paths_of(files));
    for (const auto& file : files) report_.rows_read += file.rows;
    report_.source_bytes = 0;
    for (const auto& file : set_aside_->files) report_.source_bytes += file.bytes;
    return out;
  }

  std::vector<engine::DataFile> judged(engine::StageRequest rows) {
    rows.target_columns = pipeline_.staged_columns();
    rows.write = layout_;
    rows.write.cluster_by.clear();
    quarantine_.widen(rows, {});
    engine::Confinement limits;
    for (const auto& file : rows.sources) limits.files.push_back(file.path);
    limits.writable = staging_->folder();
    const auto confined = engine_.confined(limits);
    const engine::StageResult result = confined->stage(rows, events_.progress);
    require_sums(report_.rows_read, result, engine_.inspect(paths_of(result.files)));
    report_.dropped_by_transform = result.given - result.rows;
    staged_ = result.files;
    std::erase_if(staged_, [](const engine::DataFile& file) { return file.rows == 0; });
    const Staged wide{pipeline_, request_.interval(), staged_, *staging_, layout_};
    return quarantine_.split(engine_, gate(), wide, result.at_most_one, report_);
  }

  AuditRequest gate() const { return gate_request(request_, pipeline_, report_.run_id, staged_); }

  void check() {
    AuditRequest what = gate();
    quality::FileHistory history(storage::text_file(history_file(request_.curated_location), request_.record_mode));
    what.scan.earlier = [&](const std::string& key, quality::DataTime before) { return history.earlier(key, before); };
    report_.checks = audit(engine_, what);
  }

  // After it: each of the rows is where it belongs, or the run ends with an error and all is as it was.
  void publish_day() {
    const Publication what{.pipeline = pipeline_,
                           .agreement = agreement_,
                           .table_name = request_.table,
                           .table_root = report_.table_root,
                           .interval = request_.interval(),
                           .run_id = report_.run_id,
                           .base = base_,
                           .evolve = false,
                           .take_over = request_.take_over,
                           .require_input = [] {}};
    staging_->make_durable(staged_);
    quarantine_.commit(engine_, request_, pipeline_, report_.run_id, layout_);
    const auto arrange = [&](const table::Table& table, int) { return arranged(what, table); };
    std::optional<stop::Hold> whole;
    const Published published = publish(what, *staging_, arrange, whole);
    report_.status = Status::kPublished;
    report_.published = true;
    report_.version = published.version;
    report_.files_before = published.files_replaced;
    if (events_.published) events_.published();
    whole.reset();
    try {
      request_.catalog.keep_in_step(request_.table, report_.table_root);
      quarantine_.settle_if_used(report_.table_root, pipeline_.name);
    } catch (const std::exception& e) {
      log::warning("the rows are replayed, but what comes after failed, which the next run will try: {}", e.what());
    }
    upkeep(engine_, what, layout_, published, staged_.size());
  }

  Arrangement arranged(const Publication& what, const table::Table& table) {
    require_same_day(table);
    Arrangement out;
    out.partitions.push_back(whole_day(what, staged_));
    out.user_metadata = commit_metadata(report_, further_);
    // What the day's other rows were made of has not changed: a plan goes on to tell of them.
    const auto days = published_days(table);
    if (const auto day = days.find(request_.day.iso()); day != days.end() && day->second.made_of)
      out.marks = marks_of(request_.day, *day->second.made_of, report_.rows_written());
    quarantine_.arrange(pipeline_, request_.interval(), table, report_.run_id, out);
    out.metrics = {{"numFiles", fmt::format("{}", report_.files_written())},
                   {"numOutputRows", fmt::format("{}", report_.rows_written())},
                   {"numOutputBytes", fmt::format("{}", report_.bytes_written())}};
    return out;
  }

  // The rows that were read are still those of the day, in both tables.
  void require_same_day(const table::Table& table) const {
    const auto now = table.files(pipeline_.run_partition(request_.interval()));
    const auto same = [](const table::File& a, const table::File& b) {
      return a.path == b.path && a.vector == b.vector;
    };
    const auto mark = quarantine_mark(pipeline_, request_.interval(), set_aside_->run_id);
    const auto marks = table.marks(mark.first);
    const auto found = marks.find(mark.first);
    if (std::equal(now.begin(), now.end(), live_.begin(), live_.end(), same) && found != marks.end() &&
        found->second.value == mark.second)
      return;
    throw Error(Cause::kConflict, "another run changed the day meanwhile",
                "Its result stands; nothing was replayed. Replay again if rows are still set aside.");
  }

  const RunRequest& request_;
  Definition pipeline_;  // from its agreement on as the table spells it
  Agreement agreement_;
  engine::Engine& engine_;
  const RunEvents& events_;
  RunReport& report_;
  Inputs further_;  // which the transform cannot read, as its rows come one from one
  std::shared_ptr<const table::Table> base_;
  std::vector<table::File> live_;  // of the day, on that version
  std::optional<SetAside> set_aside_;
  Dataset bad_before_;
  engine::WriteOptions layout_;
  std::vector<engine::DataFile> staged_;
  DayQuarantine quarantine_;
  std::optional<StagingArea> staging_;  // last: files go before anything else does
};

}  // namespace

RunReport replay_day(const RunRequest& request, engine::Engine& engine, const RunEvents& events) {
  RunReport report = begun_report(request);
  try {
    report.engine = engine.description();
    Replay(request, engine, events, report).run();
  } catch (const std::exception& e) {
    const Error why = as_error(e);
    if (why.cause() == Cause::kUnknownOutcome) {
      report.status = Status::kFailed;
      report.error = why;
    } else if (report.published) {
      log::warning("the rows are replayed, but what came after failed: {}", why.message());
    } else {
      fail(report, stop::requested() ? stop::reason() : why);
    }
  }
  const stop::Hold whole(stop::Hold::For::kCleanup);
  keep_record(request, report);
  return report;
}

}  // namespace metl::pipeline

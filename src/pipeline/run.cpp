#include "pipeline/run.h"

#include <optional>

#include "base/error.h"
#include "base/location.h"
#include "base/log.h"
#include "base/stop.h"
#include "pipeline/agreement.h"
#include "pipeline/audit.h"
#include "pipeline/binding.h"
#include "pipeline/commit_metadata.h"
#include "pipeline/made_of.h"
#include "pipeline/ownership.h"
#include "pipeline/publish.h"
#include "pipeline/quarantine_day.h"
#include "pipeline/run_input.h"
#include "pipeline/run_record.h"
#include "pipeline/staging_area.h"
#include "pipeline/sums.h"
#include "quality/history/file_history.h"
#include "storage/store.h"
#include "table/table.h"

namespace metl::pipeline {
namespace {

// The run of one day, step by step; each step's comment says what holds after it.
class Run {
 public:
  Run(const RunRequest& request, engine::Engine& engine, const RunEvents& events, RunReport& report)
      : request_(request),
        pipeline_(request.pipeline),
        engine_(engine),
        events_(events),
        report_(report),
        words_(std::in_place, record_as_last_words()) {}

  void run() {
    step("bind", [this] { bind(); });
    step("read", [this] { read_input(); });
    if (is_kept()) return;
    step("agree", [this] { agree_with_table(); });
    step("stage", [this] { stage(); });
    if (is_kept()) return;
    if (pipeline_.gate == Gate::kBeforePublish) {
      step("check", [this] { check(); });
      if (!passes(*report_.checks)) return;
    }
    if (request_.dry_run) {
      report_.status = Status::kDryRun;
      return;
    }
    step("publish", [this] { publish_staged(); });
    if (pipeline_.gate == Gate::kAfterPublish) {
      step("check", [this] { check(); });
      remember();
    }
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

  // After it: the transform is known to be one SELECT that yields the target's columns and reads nothing but the day
  // and the inputs, and every check is understood and fits them. No data was read.
  void bind() {
    input_.source_columns = pipeline_.source.contents.columns;
    input_.dedupe = pipeline_.dedupe;
    reading_.emplace(request_, engine_);
    input_.select = bound_transform(engine_, request_, reading_->further(), report_.run_id);
    require_understood(engine_, gate());
    quarantine_.bind(engine_, pipeline_, input_.select);
  }

  // After it: the day's files are known; those of Parquet are readable and have the declared columns.
  void read_input() {
    report_.source_folder = reading_->folder();
    reading_->look();
    const source::Snapshot& day = reading_->day();
    report_.passed_over = day.landing().passed_over;
    report_.source_files = static_cast<int64_t>(day.landing().files.size());
    report_.source_bytes = day.bytes();
    if (day.is_readable()) count_rows();
  }

  void count_rows() {
    report_.rows_read = reading_->day().rows();
    if (report_.rows_read > 0) input_.sources = reading_->day().files();
  }

  // Whether the day has no rows, and the pipeline lets the partition be as it is then.
  bool is_kept() {
    if (!reading_->is_empty() || pipeline_.source.on_empty_input != source::EmptyInput::kKeep) return false;
    report_.status = Status::kKept;
    return true;
  }

  // After it: an existing table agrees with the pipeline.
  void agree_with_table() {
    if (auto table = table::Table::open(report_.table_root)) {
      base_ = std::make_shared<const table::Table>(std::move(*table));
      claim(*base_, pipeline_.name, request_.take_over);
      agreement_ = require_agreement(*base_, pipeline_, request_.evolve);
      pipeline_ = spelled(pipeline_, agreement_);
      if (pipeline_.replaces_its_day()) require_replaceable_day();
    } else {
      agreement_ = require_creatable(report_.table_root, pipeline_);
    }
    input_.target_columns = pipeline_.staged_columns();
    if (!request_.dry_run) sweep_local();
  }

  void require_replaceable_day() {
    const size_t files = base_->files(pipeline_.run_partition(request_.interval())).size();
    require_replaceable(*base_, staging_folder(pipeline_, request_.interval(), report_.run_id), files);
    report_.files_before = static_cast<int64_t>(files);
  }

  // After it: the day's rows lie in the table's folder, seen by no reader; they go when the run ends without
  // publishing. Every row read is accounted for.
  void stage() {
    const bool as_published = pipeline_.replaces_its_day() && !quarantine_.sets_aside();
    staging_.emplace(report_.table_root,
                     as_published ? staging_folder(pipeline_, request_.interval(), report_.run_id)
                                  : table::own_folder(report_.run_id),
                     report_.run_id, base_ ? static_cast<int64_t>(base_->version()) : -1, request_.interval().text());
    layout_ = {.folder = as_published ? staging_->folder() : staging_->scratch(),
               .name_prefix = staging_->name_prefix(),
               .cluster_by = pipeline_.cluster_by,
               .compression = request_.compression,
               .parquet_version = request_.parquet_version,
               .target_bytes = request_.target_bytes};
    input_.write = layout_;
    // Each partition is read by itself then, and rows that lie together are found together.
    if (!as_published) {
      input_.write.cluster_by = pipeline_.partition_columns;
      for (const auto& own : pipeline_.run_values(request_.interval())) std::erase(input_.write.cluster_by, own.first);
    }
    try {
      const bool was_text = !reading_->day().is_readable();
      reading_->read_text(layout_);
      if (was_text) count_rows();
      if (!input_.sources.empty()) stage_rows();  // else on_empty_input: clear
    } catch (const Error& e) {
      // What fails because a raw file was replaced under it is no fault of the new one.
      if (e.code() == ExitCode::kRunFailed) reading_->require_unchanged();
      throw;
    }
    transforming_.reset();
    staging_->discard(reading_->made());
    reading_->require_unchanged();
  }

  void stage_rows() {
    engine::Confinement limits;
    for (const auto& file : input_.sources) limits.files.push_back(file.path);
    reading_->further().allow(limits);
    limits.writable = staging_->folder();
    transforming_ = engine_.confined(limits);
    reading_->further().create_views(*transforming_);
    quarantine_.widen(input_, reading_->day().landing());
    engine::StageResult result = transforming_->stage(input_, events_.progress);
    std::vector<std::string> paths;
    for (const auto& file : result.files) paths.push_back(file.path);
    require_sums(report_.rows_read, result, engine_.inspect(paths));
    for (auto& file : result.files) {
      if (file.rows == 0) {
        staging_->discard({file.path});
        continue;
      }
      report_.bytes_staged += file.bytes;
      staged_.push_back(std::move(file));
    }
    report_.duplicates = result.duplicates;
    if (result.at_most_one) report_.dropped_by_transform = result.given - result.rows;
    report_.rows_staged = result.rows;
    if (quarantine_.sets_aside()) staged_ = quarantine_.split(engine_, gate(), staged(), result.at_most_one, report_);
    report_.files_staged = static_cast<int64_t>(staged_.size());
    if (!quarantine_.has_too_many())
      require_rules(engine_, agreement_, pipeline_.staged_columns(), report_.table_root, staged_);
    if (!pipeline_.replaces_its_day()) touched_ = touched_partitions(engine_, staged());
  }

  Staged staged() const { return {pipeline_, request_.interval(), staged_, *staging_, layout_}; }

  AuditRequest gate() const { return gate_request(request_, pipeline_, report_.run_id, staged_); }

  // After it: the outcome of every check is in the report, and rows that failed are kept as samples.
  void check() {
    AuditRequest what = gate();
    quality::FileHistory history(storage::text_file(history_file(request_.curated_location), request_.record_mode));
    what.scan.earlier = [&](const std::string& key, quality::DataTime before) { return history.earlier(key, before); };
    report_.checks = audit(engine_, what);
    quarantine_.judge(*report_.checks);
    if (passes(*report_.checks)) return;
    report_.status = Status::kChecksFailed;
    if (report_.published) log::warning("the checks failed after the day was published, as gate: after_publish says");
  }

  // After it: the partition is the new one, on disk, or the run ends with an error and it is the old one.
  void publish_staged() {
    const Publication what{.pipeline = pipeline_,
                           .agreement = agreement_,
                           .table_name = request_.table,
                           .table_root = report_.table_root,
                           .interval = request_.interval(),
                           .run_id = report_.run_id,
                           .base = base_,
                           .evolve = request_.evolve,
                           .take_over = request_.take_over,
                           .require_input = [this] { reading_->require_unchanged(); }};
    const auto arrange = [&](const table::Table& table, int attempt) { return arranged(what, table, attempt); };
    if (pipeline_.replaces_its_day()) staging_->make_durable(staged_);
    quarantine_.commit(engine_, request_, pipeline_, report_.run_id, layout_);
    std::optional<stop::Hold> whole;
    const Published published = publish(what, *staging_, arrange, whole);
    report_.status = Status::kPublished;
    report_.published = true;
    report_.version = published.version;
    report_.files_before = published.files_replaced;
    words_.emplace(record_as_last_words());
    if (events_.published && pipeline_.gate == Gate::kBeforePublish) events_.published();
    whole.reset();
    // What fails from here on must not undo the day, nor say that it failed.
    remember();
    after_commit("the catalog was not brought up to date, which the next run will try",
                 [&] { request_.catalog.keep_in_step(request_.table, report_.table_root); });
    after_commit("the quarantine still holds rows that do not count any more",
                 [&] { quarantine_.settle_if_used(report_.table_root, pipeline_.name); });
    upkeep(engine_, what, layout_, published, staged_.size());
    // In a store only now: finding out what is dead takes requests, and a version of the table if there is any.
    if (is_remote(report_.table_root)) {
      after_commit("what dead runs left was not looked for", [&] { remove_dead_runs(report_.table_root); });
    }
  }

  Arrangement arranged(const Publication& what, const table::Table& table, int attempt) {
    Arrangement out;
    if (pipeline_.replaces_its_day()) {
      out.partitions.push_back(whole_day(what, staged_));
    } else {
      Placement placed = place(engine_, staged(), touched_, table, attempt);
      out.partitions = std::move(placed.partitions);
      report_.effect = placed.effect;
    }
    out.user_metadata = commit_metadata(report_, reading_->further());
    out.marks = marks_of(request_.day, reading_->made_of(), report_.rows_written());
    quarantine_.arrange(pipeline_, request_.interval(), table, report_.run_id, out);
    out.metrics = {{"numFiles", fmt::format("{}", report_.files_written())},
                   {"numOutputRows", fmt::format("{}", report_.rows_written())},
                   {"numOutputBytes", fmt::format("{}", report_.bytes_written())}};
    return out;
  }

  // Before the day is staged, so that it finds their space free.
  void sweep_local() {
    sweep_records(request_.curated_location);
    if (is_remote(report_.table_root)) return;
    try {
      remove_dead_runs(report_.table_root);
    } catch (const Error& e) {
      log::warning("what dead runs left was not looked for: {}", e.message());
    }
  }

  // What a published day measured is what later days are compared with.
  void remember() {
    if (!report_.checks || report_.checks->records.empty()) return;
    after_commit("its measurements are not in the history", [&] {
      quality::FileHistory(storage::text_file(history_file(request_.curated_location), request_.record_mode))
          .add(report_.checks->records);
    });
  }

  template <typename Function>
  static void after_commit(const char* loss, const Function& function) {
    try {
      function();
    } catch (const std::exception& e) {
      log::warning("the day is published, but {}: {}", loss, e.what());
    }
  }

  // Should the process be ended by force, nobody else writes the record.
  std::function<void(const Error&)> record_as_last_words() const {
    return [&request = request_, report = report_](const Error& why) mutable {
      fail(report, why);
      keep_record(request, report);
    };
  }

  const RunRequest& request_;
  Definition pipeline_;  // from its agreement on as the table spells it
  Agreement agreement_;
  engine::Engine& engine_;
  const RunEvents& events_;
  RunReport& report_;
  std::optional<stop::LastWords> words_;
  std::optional<RunInput> reading_;
  engine::StageRequest input_;
  std::unique_ptr<engine::Engine>
      transforming_;  // reaches the raw files, the inputs and the staged files, and nothing else
  engine::WriteOptions layout_;
  std::vector<engine::DataFile> staged_;
  std::vector<TouchedPartition> touched_;  // unless the run replaces its day
  DayQuarantine quarantine_;
  std::shared_ptr<const table::Table> base_;  // as the run found it; null without a table
  std::optional<StagingArea> staging_;        // last: files go before anything else does
};

}  // namespace

RunReport run_day(const RunRequest& request, engine::Engine& engine, const RunEvents& events) {
  RunReport report = begun_report(request);
  try {
    report.engine = engine.description();
    Run(request, engine, events, report).run();
  } catch (const std::exception& e) {
    const Error why = as_error(e);
    if (why.cause() == Cause::kUnknownOutcome) {
      report.status = Status::kFailed;
      report.error = why;
    } else if (report.published && request.pipeline.gate == Gate::kBeforePublish) {
      log::warning("the day is published, but what came after failed: {}", why.message());
    } else {
      // After a request to stop whatever fails fails because of it: half a result, a file that is no longer there.
      fail(report, stop::requested() ? stop::reason() : why);
    }
  }
  const stop::Hold whole(stop::Hold::For::kCleanup);
  keep_record(request, report);
  return report;
}

}  // namespace metl::pipeline

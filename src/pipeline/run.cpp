#include "pipeline/run.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "base/error.h"
#include "base/location.h"
#include "base/log.h"
#include "base/stop.h"
#include "base/text.h"
#include "lake/store.h"
#include "lake/table.h"
#include "pipeline/audit.h"
#include "pipeline/ownership.h"
#include "pipeline/publish.h"
#include "pipeline/run_record.h"
#include "pipeline/source.h"
#include "pipeline/staging_area.h"
#include "quality/file_history.h"

namespace metl::pipeline {
namespace {

using Json = nlohmann::ordered_json;

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
    if (input_.sources.empty() && pipeline_.on_empty_input == EmptyInput::kKeep) {
      report_.status = Status::kKept;
      return;
    }
    step("agree", [this] { agree_with_table(); });
    step("stage", [this] { stage(); });
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

  // Where samples and the run record lie.
  std::string records_folder() const { return request_.curated_location + "/_runs"; }

 private:
  template <typename Function>
  void step(const std::string& name, const Function& function) {
    stop::check();
    const Stopwatch watch;
    events_.step(name);
    function();
    report_.steps.emplace_back(name, watch.seconds());
  }

  // After it: the transform yields the target's columns, and every check is understood and fits them. No data was read.
  void bind() {
    Schema yielded;
    try {
      yielded = engine_.describe(pipeline_.source_columns, pipeline_.transform);
    } catch (const Error& e) {
      throw e.within(pipeline_.transform_file);
    }
    std::vector<std::string> names;
    for (const auto& column : yielded) names.push_back(column.name);
    for (const auto& wanted : pipeline_.staged_columns()) {
      if (find_field(yielded, wanted.name) != nullptr) continue;
      throw Error(ExitCode::kConfig,
                  fmt::format("{}: yields no column '{}', which target.columns declares.{}", pipeline_.transform_file,
                              wanted.name, text::did_you_mean(wanted.name, names)),
                  fmt::format("It yields: {}.", fmt::join(names, ", ")));
    }
    for (const auto& column : yielded) {
      if (find_field(pipeline_.staged_columns(), column.name) != nullptr) continue;
      throw Error(ExitCode::kConfig,
                  fmt::format("{}: yields column '{}', which target.columns does not declare", pipeline_.transform_file,
                              column.name),
                  fmt::format("Declare it in {} or leave it out; the partition column is added by the run itself.",
                              pipeline_.file));
    }
    require_understood(engine_, audit_request());
  }

  // After it: the day's files are known, readable and have the declared columns.
  void read_input() {
    report_.source_folder = day_folder(request_.raw_location, pipeline_, request_.day);
    raw_files_ = list_raw_files(report_.source_folder);
    std::vector<std::string> paths;
    for (const auto& file : raw_files_) paths.push_back(file.path);
    input_.sources = engine_.inspect(paths);
    require_columns(input_.sources, pipeline_.source_columns);
    for (const auto& source : input_.sources) {
      report_.source_bytes += source.bytes;
      report_.rows_read += source.rows;
    }
    report_.source_files = static_cast<int64_t>(input_.sources.size());
    log::info("reading {} files of {} ({} rows, {})", input_.sources.size(), report_.source_folder,
              text::human_count(report_.rows_read), text::human_bytes(report_.source_bytes));
    if (report_.rows_read > 0) return;
    input_.sources.clear();
    if (pipeline_.on_empty_input == EmptyInput::kFail) {
      throw Error(
          ExitCode::kInputMissing,
          fmt::format("raw folder {} holds no {}", report_.source_folder,
                      raw_files_.empty() ? "Parquet files" : "rows"),
          fmt::format("If a day without data is in order, set on_empty_input: keep or clear in {}.", pipeline_.file));
    }
  }

  // After it: an existing table agrees with the pipeline.
  void agree_with_table() {
    if (const auto table = lake::Table::open(report_.table_root)) {
      claim(*table, pipeline_.name, request_.take_over);
      require_agreement(*table, pipeline_, request_.evolve);
      base_version_ = static_cast<int64_t>(table->version());
      report_.files_replaced =
          static_cast<int64_t>(table->files({{pipeline_.partition_column, request_.day.iso()}}).size());
    }
    if (!request_.dry_run) sweep_local();
  }

  // After it: the new partition's files lie in its folder, seen by no reader; they go when the run ends without
  // publishing.
  void stage() {
    staging_.emplace(report_.table_root, partition_folder(pipeline_, request_.day), report_.run_id, base_version_);
    layout_ = {.folder = staging_->folder(),
               .name_prefix = staging_->name_prefix(),
               .cluster_by = pipeline_.cluster_by,
               .compression = request_.compression,
               .parquet_version = request_.parquet_version,
               .target_bytes = request_.target_bytes};
    if (input_.sources.empty()) return;  // on_empty_input: clear
    input_.source_columns = pipeline_.source_columns;
    input_.dedupe = pipeline_.dedupe;
    input_.select = pipeline_.transform;
    input_.target_columns = pipeline_.staged_columns();
    input_.write = layout_;
    engine::StageResult result = engine_.stage(input_, events_.progress);
    for (auto& file : result.files) {
      if (file.rows == 0) {
        staging_->discard(file.path);
        continue;
      }
      report_.bytes_written += file.bytes;
      staged_.push_back(std::move(file));
    }
    report_.duplicates = result.duplicates;
    report_.rows_written = result.rows;
    report_.files_written = static_cast<int64_t>(staged_.size());
  }

  // Of what is staged so far.
  AuditRequest audit_request() const {
    engine::FileGroup staged{{}, {{pipeline_.partition_column, request_.day.iso()}}};
    for (const auto& file : staged_) staged.paths.push_back(file.path);
    AuditRequest what;
    what.scan.files = {pipeline_.checks_file};
    what.scan.variables = {{"table", request_.table}, {"run_date", request_.day.iso()}};
    what.scan.now = std::chrono::system_clock::now();
    what.datasets = {{request_.table, pipeline_.target_columns, {staged}}};
    what.catalog = &request_.catalog;
    what.folders = {request_.curated_location};
    what.samples_folder = fmt::format("{}/{}-samples", records_folder(), report_.run_id);
    what.record_mode = request_.record_mode;
    what.sensitive_columns = request_.sensitive_columns;
    what.is_gate = true;
    what.scan.data_time = request_.day.start();
    return what;
  }

  // After it: the outcome of every check is in the report, and rows that failed are kept as samples.
  void check() {
    AuditRequest what = audit_request();
    quality::FileHistory history(lake::text_file(history_file(request_.curated_location), request_.record_mode));
    what.scan.earlier = [&](const std::string& key, quality::DataTime before) { return history.earlier(key, before); };
    report_.checks = audit(engine_, what);
    if (passes(*report_.checks)) return;
    report_.status = Status::kChecksFailed;
    if (report_.published) log::warning("the checks failed after the day was published, as gate: after_publish says");
  }

  // After it: the partition is the new one, on disk, or the run ends with an error and it is the old one.
  void publish_staged() {
    Json metadata{
        {"run_id", report_.run_id},
        {"program", "movies-etl " METL_VERSION},
        {"pipeline", pipeline_.name},
        {"source", {{"files", report_.source_files}, {"bytes", report_.source_bytes}, {"rows", report_.rows_read}}},
        {"duplicates_dropped", report_.duplicates}};
    if (report_.checks) metadata["checks"] = checks_summary(*report_.checks);
    const Publication what{.pipeline = pipeline_,
                           .table_name = request_.table,
                           .table_root = report_.table_root,
                           .day = request_.day,
                           .run_id = report_.run_id,
                           .base_version = base_version_,
                           .evolve = request_.evolve,
                           .take_over = request_.take_over,
                           .user_metadata = metadata.dump(-1, ' ', false, Json::error_handler_t::replace),
                           .metrics = {{"numFiles", fmt::format("{}", report_.files_written)},
                                       {"numOutputRows", fmt::format("{}", report_.rows_written)},
                                       {"numOutputBytes", fmt::format("{}", report_.bytes_written)}},
                           .input_unchanged = [this] { return list_raw_files(report_.source_folder) == raw_files_; }};
    staging_->make_durable(staged_);
    Published published;
    {
      const stop::Hold whole(stop::Hold::For::kCommit);
      published = publish(what, *staging_, staged_);
      report_.status = Status::kPublished;
      report_.published = true;
      report_.version = published.version;
      report_.files_replaced = published.files_replaced;
      words_.emplace(record_as_last_words());
      if (events_.published && pipeline_.gate == Gate::kBeforePublish) events_.published();
    }
    // What fails from here on must not undo the day, nor say that it failed.
    remember();
    after_commit("the catalog was not brought up to date, which the next run will try",
                 [&] { request_.catalog.keep_in_step(request_.table, report_.table_root); });
    upkeep(engine_, what, layout_, published, staged_.size());
    // In a store only now: finding out what is dead takes requests, and a version of the table if there is any.
    if (is_remote(report_.table_root)) {
      after_commit("what dead runs left was not looked for", [&] { remove_dead_runs(report_.table_root); });
    }
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
      quality::FileHistory(lake::text_file(history_file(request_.curated_location), request_.record_mode))
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
  const Definition& pipeline_;
  engine::Engine& engine_;
  const RunEvents& events_;
  RunReport& report_;
  std::optional<stop::LastWords> words_;
  std::vector<lake::StoredFile> raw_files_;
  engine::StageRequest input_;
  engine::WriteOptions layout_;
  std::vector<engine::DataFile> staged_;
  int64_t base_version_ = -1;
  std::optional<StagingArea> staging_;  // last: files go before anything else does
};

}  // namespace

std::string new_run_id(std::chrono::system_clock::time_point now) {
  std::string stamp;
  for (const char c : iso_utc(now).substr(0, 19)) {
    if (c != '-' && c != ':') stamp += c;
  }
  std::random_device random;
  return fmt::format("{}-{:08x}", stamp, random());
}

RunReport run_day(const RunRequest& request, engine::Engine& engine, const RunEvents& events) {
  RunReport report;
  report.started = std::chrono::system_clock::now();
  report.run_id = new_run_id(report.started);
  report.pipeline = request.pipeline.name;
  report.execution_date = request.day.iso();
  report.table = request.table;
  report.table_root = request.table_root;
  log::set_field("run_id", report.run_id);
  log::set_field("execution_date", report.execution_date);
  try {
    report.engine = engine.description();
    Run(request, engine, events, report).run();
  } catch (const UnknownOutcome& e) {
    report.status = Status::kFailed;
    report.error = e;
  } catch (const std::exception& e) {
    if (report.published && request.pipeline.gate == Gate::kBeforePublish) {
      log::warning("the day is published, but what came after failed: {}", e.what());
    } else {
      const auto* own =
          dynamic_cast<const Error*>(&e);  // others are the standard library's: a vanished folder, no memory
      // After a request to stop whatever fails fails because of it: half a result, a file that is no longer there.
      fail(report, stop::requested() ? stop::reason() : own != nullptr ? *own : Error(ExitCode::kRunFailed, e.what()));
    }
  }
  const stop::Hold whole(stop::Hold::For::kCleanup);
  keep_record(request, report);
  return report;
}

}  // namespace metl::pipeline

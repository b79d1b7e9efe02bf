#include "pipeline/run.h"

#include <sys/resource.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "base/error.h"
#include "base/location.h"
#include "base/log.h"
#include "base/text.h"
#include "lake/store.h"
#include "lake/table.h"
#include "pipeline/audit.h"
#include "pipeline/ownership.h"
#include "pipeline/publish.h"
#include "pipeline/source.h"
#include "pipeline/staging_area.h"
#include "quality/file_history.h"

namespace metl::pipeline {
namespace {

uint64_t peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

// The run of one day, step by step; each step's comment says what holds after it.
class Run {
 public:
  Run(const RunRequest& request, engine::Engine& engine, const RunEvents& events, RunReport& report)
      : request_(request), pipeline_(request.pipeline), engine_(engine), events_(events), report_(report) {}

  void run() {
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
    const Stopwatch watch;
    events_.step(name);
    function();
    report_.steps.emplace_back(name, watch.seconds());
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

  // After it: the transform yields the target's columns, and an existing table agrees with them.
  void agree_with_table() {
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
    if (auto table = lake::Table::open(report_.table_root)) {
      base_ = std::make_shared<const lake::Table>(std::move(*table));
      claim(*base_, pipeline_.name, request_.take_over);
      require_agreement(*base_, pipeline_, request_.evolve);
      report_.files_replaced =
          static_cast<int64_t>(base_->files({{pipeline_.partition_column, request_.day.iso()}}).size());
    }
    if (!request_.dry_run) sweep_local();
  }

  // After it: the new partition's files lie in its folder, seen by no reader; they go when the run ends without
  // publishing.
  void stage() {
    staging_.emplace(report_.table_root, partition_folder(pipeline_, request_.day), report_.run_id,
                     base_ ? static_cast<int64_t>(base_->version()) : -1);
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

  // After it: the outcome of every check is in the report, and rows that failed are kept as samples.
  void check() {
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
    quality::FileHistory history(lake::text_file(history_file(request_.curated_location), request_.record_mode));
    what.scan.data_time = request_.day.start();
    what.scan.earlier = [&](const std::string& key, quality::DataTime before) { return history.earlier(key, before); };
    report_.checks = audit(engine_, what);
    if (!passes(*report_.checks)) report_.status = Status::kChecksFailed;
  }

  // What a published day measured is what later days are compared with; its loss must not undo the day.
  void remember() {
    if (!report_.checks || report_.checks->records.empty()) return;
    try {
      quality::FileHistory(lake::text_file(history_file(request_.curated_location), request_.record_mode))
          .add(report_.checks->records);
    } catch (const Error& e) {
      log::warning("the day is published, but its measurements are not in the history: {}", e.message());
    }
  }

  // After it: the partition is the new one, on disk, or the run ends with an error and it is the old one.
  void publish_staged() {
    nlohmann::ordered_json metadata{
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
                           .base = base_,
                           .evolve = request_.evolve,
                           .take_over = request_.take_over,
                           .user_metadata = metadata.dump(),
                           .metrics = {{"numFiles", fmt::format("{}", report_.files_written)},
                                       {"numOutputRows", fmt::format("{}", report_.rows_written)},
                                       {"numOutputBytes", fmt::format("{}", report_.bytes_written)}},
                           .input_unchanged = [this] { return list_raw_files(report_.source_folder) == raw_files_; }};
    const Published published = publish(what, *staging_, staged_);
    report_.status = Status::kPublished;
    report_.published = true;
    report_.version = published.version;
    report_.files_replaced = published.files_replaced;
    remember();
    register_in_catalog();
    upkeep(engine_, what, layout_, published, staged_.size());
    remove_dead_from_store();
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

  // In a store only now: finding out what is dead takes requests, and a version of the table if there is any.
  void remove_dead_from_store() {
    if (!is_remote(report_.table_root)) return;
    try {
      remove_dead_runs(report_.table_root);
    } catch (const Error& e) {
      log::warning("the day is published, but what dead runs left was not looked for: {}", e.message());
    }
  }

  // Readers by name may see an older schema until the next run, or none; that must not undo the day.
  void register_in_catalog() {
    try {
      request_.catalog.keep_in_step(request_.table, report_.table_root);
    } catch (const Error& e) {
      log::warning("the day is published, but the catalog was not brought up to date, which the next run will try: {}",
                   e.message());
    }
  }

  const RunRequest& request_;
  const Definition& pipeline_;
  engine::Engine& engine_;
  const RunEvents& events_;
  RunReport& report_;
  std::vector<lake::StoredFile> raw_files_;
  engine::StageRequest input_;
  engine::WriteOptions layout_;
  std::vector<engine::DataFile> staged_;
  std::shared_ptr<const lake::Table> base_;  // as the run found it; null without a table
  std::optional<StagingArea> staging_;       // last: files go before anything else does
};

// What to do about an error that does not say it itself.
std::string hint_for(const RunReport& report) {
  if (report.published) return "The day is published; only what came after failed.";
  const std::string& message = report.error->message();
  for (const char* full : {"No space left on device", "File too large", "Disk quota exceeded"}) {
    if (message.find(full) != std::string::npos) return "Free some space, then run again: nothing was published.";
  }
  return "Nothing was published; the partition is as it was.";
}

void write_record(const std::string& folder, const RunReport& report, mode_t mode) {
  try {
    lake::write_text(fmt::format("{}/{}.json", folder, report.run_id), to_json(report).dump() + "\n", mode);
  } catch (const Error& e) {
    log::warning("no run record: {}", e.message());
  }
}

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
  const Stopwatch watch;
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
  } catch (const Error& e) {
    report.status = Status::kFailed;
    report.error = e;
  } catch (const std::exception& e) {  // of the standard library: a folder that vanished, no memory
    report.status = Status::kFailed;
    report.error = Error(ExitCode::kRunFailed, e.what());
  }
  if (report.error && report.error->hint().empty()) {
    report.error = Error(report.error->code(), report.error->message(), hint_for(report));
  }
  report.seconds = watch.seconds();
  report.peak_memory = peak_memory();
  if (!request.dry_run) write_record(request.curated_location + "/_runs", report, request.record_mode);
  return report;
}

}  // namespace metl::pipeline

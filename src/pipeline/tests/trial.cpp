#include "pipeline/tests/trial.h"

#include <chrono>
#include <memory>

#include "base/files.h"
#include "base/stop.h"
#include "pipeline/audit.h"
#include "pipeline/binding.h"
#include "pipeline/inputs.h"
#include "pipeline/run.h"
#include "pipeline/sums.h"
#include "source/source.h"
#include "table/catalog/catalog.h"

namespace metl::pipeline::tests {
namespace {

const char* const kSource = "source";

std::string folder_of_input(const std::string& folder, const std::string& input) {
  return fmt::format("{}/inputs/{}", folder, input);
}

// The same pipeline over what a test gives: Parquet files in a private folder, which are there.
Definition over_given_rows(Definition pipeline, const std::map<std::string, RowSet>& given, const std::string& folder) {
  pipeline.source.contents.text.reset();
  pipeline.source.ready = {};
  for (auto& input : pipeline.inputs) {
    input.table.reset();
    input.path = folder_of_input(folder, input.name);
    input.contents = {.columns = given.at(input.name).columns};
  }
  return pipeline;
}

// Each step is the one that a run takes.
class Trial {
 public:
  Trial(const Bench& bench, const Date& day, const std::map<std::string, RowSet>& given)
      : bench_(bench),
        given_(given),
        warehouse_(bench.folder + "/warehouse"),
        catalog_(
            table::make_catalog({.kind = table::CatalogKind::kFilesystem, .warehouse = warehouse_, .hive_uri = ""})),
        request_{.pipeline = over_given_rows(bench.pipeline, given, bench.folder),
                 .day = day,
                 .raw_location = bench.folder + "/raw",
                 .curated_location = warehouse_,
                 .environment = bench.environment,
                 .config_file = "",
                 .table = bench.table,
                 .table_root = catalog_->location_of(bench.table),
                 .catalog = *catalog_,
                 .sensitive_columns = {}},
        pipeline_(request_.pipeline),
        source_(request_.raw_location, pipeline_.source),
        inputs_(pipeline_.inputs, *catalog_, day),
        run_id_(new_run_id(std::chrono::system_clock::now())) {}

  Seen run(bool with_checks) {
    Seen out;
    put_down(kSource, source_.folder(request_.interval()));
    for (const auto& input : pipeline_.inputs) put_down(input.name, input.path);
    try {
      input_.select = bound_transform(bench_.engine, request_, inputs_, run_id_);
      if (with_checks) require_understood(bench_.engine, gate());
      const source::Snapshot snapshot = source_.snapshot(request_.interval(), bench_.engine);
      source_.require_rows(request_.interval(), snapshot);
      const bool is_kept = snapshot.rows() == 0 && pipeline_.source.on_empty_input == source::EmptyInput::kKeep;
      if (snapshot.rows() > 0) out.duplicates = stage(snapshot);
      if (with_checks && !is_kept) out.checks = audit(bench_.engine, gate());
    } catch (const Error& e) {
      const bool is_ours = is_of_the_system(e.cause()) || e.cause() == Cause::kInterrupted ||
                           e.cause() == Cause::kTimedOut || e.cause() == Cause::kInternal;
      if (is_ours || stop::requested()) throw;
      out.error = e;
      return out;
    }
    if (!staged_.empty()) out.rows = cells_of(bench_.local, staged_select(), pipeline_.target_columns);
    return out;
  }

 private:
  // The folder then holds the rows of that input as one Parquet file of its columns.
  void put_down(const std::string& input, const std::string& folder) {
    files::create_folders(folder);
    bench_.local.write(select_of(given_.at(input), bench_.folder),
                       {.folder = folder, .name_prefix = "given", .cluster_by = {}}, {});
  }

  // The duplicates that were dropped.
  int64_t stage(const source::Snapshot& snapshot) {
    input_.sources = snapshot.files();
    input_.source_columns = pipeline_.source.contents.columns;
    input_.dedupe = pipeline_.dedupe;
    input_.target_columns = pipeline_.staged_columns();
    input_.write = {.folder = bench_.folder + "/staged", .name_prefix = "part", .cluster_by = pipeline_.cluster_by};
    files::create_folders(input_.write.folder);
    engine::Confinement limits;
    for (const auto& file : input_.sources) limits.files.push_back(file.path);
    inputs_.read(bench_.engine, input_.write);
    inputs_.allow(limits);
    limits.writable = input_.write.folder;
    const auto confined = bench_.engine.confined(limits);
    inputs_.create_views(*confined);
    engine::StageResult result = confined->stage(input_, {});
    std::vector<std::string> paths;
    for (const auto& file : result.files) paths.push_back(file.path);
    require_sums(snapshot.rows(), result, bench_.engine.inspect(paths));
    for (auto& file : result.files) {
      if (file.rows > 0) staged_.push_back(std::move(file));
    }
    return result.duplicates;
  }

  // No table beside the staged rows, no samples, and no history to compare with.
  AuditRequest gate() const {
    AuditRequest what = gate_request(request_, pipeline_, run_id_, staged_);
    what.samples_folder.clear();
    what.scan.earlier = [](const std::string&, quality::DataTime) { return std::vector<quality::HistoryRecord>{}; };
    return what;
  }

  std::string staged_select() const {
    const engine::FileGroup group = staged_group(pipeline_, request_.interval(), staged_);
    return "SELECT * FROM " + bench_.local.create_view("metl_staged", pipeline_.target_columns, {group});
  }

  const Bench& bench_;
  const std::map<std::string, RowSet>& given_;
  std::string warehouse_;
  std::unique_ptr<table::Catalog> catalog_;
  RunRequest request_;
  const Definition& pipeline_;  // the request's
  source::Source source_;
  Inputs inputs_;
  std::string run_id_;
  engine::StageRequest input_;
  std::vector<engine::DataFile> staged_;
};

}  // namespace

std::vector<Input> inputs_of(const Definition& pipeline) {
  std::vector<Input> out{{kSource, pipeline.source.contents.columns}};
  for (const auto& input : pipeline.inputs) {
    out.push_back({input.name, input.table ? Schema{} : input.contents.columns});
  }
  return out;
}

Seen try_day(const Bench& bench, const Date& day, const std::map<std::string, RowSet>& given, bool with_checks) {
  return Trial(bench, day, given).run(with_checks);
}

}  // namespace metl::pipeline::tests

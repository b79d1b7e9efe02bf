#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "engine/duckdb/duckdb_engine.h"
#include "pipeline/run.h"

namespace metl::cli {
namespace {

// A folder of its own for what the engine spills; gone with the run.
class SpillFolder {
 public:
  explicit SpillFolder(const std::string& parent)
      : path_(std::filesystem::path(parent.empty() ? std::filesystem::temp_directory_path().string() : parent) /
              fmt::format("movies-etl-{}", ::getpid())) {}
  ~SpillFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  SpillFolder(const SpillFolder&) = delete;
  SpillFolder& operator=(const SpillFolder&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

void print_report(const pipeline::RunReport& report) {
  if (!report.error) {
    fmt::print("{}", pipeline::to_text(report, ::isatty(STDOUT_FILENO) != 0 && stderr_has_colour()));
    std::fflush(stdout);
  }
}

}  // namespace

int run_command(const Invocation& invocation) {
  const config::Settings settings = load_settings(invocation);
  pipeline::RunRequest request{
      .pipeline = pipeline::load_definition(settings.path("pipelines.location"), invocation.pipeline),
      .day = invocation.days.front(),
      .raw_location = settings.path("data.raw.location"),
      .curated_location = settings.path("data.curated.location"),
      .table = settings.get_string("data.curated.table"),
      .target_bytes = static_cast<uint64_t>(settings.bytes("write.target_file_size")),
      .compression = settings.get_string("write.compression"),
      .dry_run = invocation.dry_run,
      .evolve = invocation.evolve};

  engine::Engine* running = nullptr;
  const InterruptWatch interrupt([&running] {
    log::warning("interrupted: stopping the query and dropping staged files (once more to stop at once)");
    if (running != nullptr) running->interrupt();
  });
  const SpillFolder spill(settings.path("engine.temp_directory"));
  engine::DuckdbEngine engine({.memory_limit = settings.bytes("engine.memory_limit"),
                               .threads = static_cast<int>(settings.integer("engine.threads")),
                               .temp_directory = spill.path()});
  running = &engine;
  Progress bar(invocation.progress && ::isatty(STDERR_FILENO) != 0, stderr_has_colour());
  const pipeline::RunEvents events{.step = [&bar](const std::string& step) { bar.step(step); },
                                   .progress = [&bar](double percent, uint64_t rows) { bar.update(percent, rows); }};

  // The days run in order; the first that does not end well ends the command, so that a bad day is not followed by
  // others.
  nlohmann::ordered_json documents = nlohmann::ordered_json::array();
  std::optional<pipeline::RunReport> last;
  for (const Date& day : invocation.days) {
    request.day = day;
    last = pipeline::run_day(request, engine, events);
    bar.finish();
    if (invocation.output_json) {
      documents.push_back(pipeline::to_json(*last));
    } else {
      print_report(*last);
    }
    if (last->exit_code() != ExitCode::kDone) break;
  }
  const ExitCode code = last->exit_code();
  if (invocation.output_json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"exit_code", static_cast<int>(code)}, {"runs", documents}}.dump(2));
  }
  if (last->error) {
    Invocation told = invocation;
    told.output_json = false;  // the document above says it already
    return report(*last->error, told);
  }
  return static_cast<int>(code);
}

}  // namespace metl::cli

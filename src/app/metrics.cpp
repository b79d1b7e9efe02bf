#include "app/metrics.h"

#include <fmt/format.h>

#include <charconv>

#include "base/files.h"
#include "base/log.h"
#include "base/text.h"

namespace metl::app {
namespace {

constexpr std::string_view kLastSuccess = "movies_etl_last_success_timestamp_seconds";

std::string escaped(std::string text) {
  text = text::replace_all(std::move(text), "\\", "\\\\");
  text = text::replace_all(std::move(text), "\"", "\\\"");
  return text::replace_all(std::move(text), "\n", "\\n");
}

double seconds_of(std::chrono::system_clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// The value that an earlier file has of the metric.
std::optional<double> value_in(const std::string& text, std::string_view metric) {
  for (const auto& line : text::split(text, '\n')) {
    if (!line.starts_with(metric) || line.size() == metric.size() || line[metric.size()] != '{') continue;
    const size_t space = line.rfind(' ');
    double value = 0;
    const char* end = line.data() + line.size();
    if (std::from_chars(line.data() + space + 1, end, value).ec == std::errc()) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string metrics_text(const pipeline::RunReport& report, std::optional<double> last_success) {
  const std::string labels =
      fmt::format("pipeline=\"{}\",table=\"{}\"", escaped(report.pipeline), escaped(report.table));
  std::string out;
  const auto begin = [&out](std::string_view name, std::string_view help) {
    out += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
  };
  const auto gauge = [&](std::string_view name, std::string_view help, auto value) {
    begin(name, help);
    out += fmt::format("{}{{{}}} {}\n", name, labels, value);
  };
  const bool good = report.exit_code() == ExitCode::kDone;
  const double ended = seconds_of(report.started) + report.seconds;
  if (good) last_success = ended;
  gauge("movies_etl_last_run_timestamp_seconds", "When the last run ended.", fmt::format("{:.3f}", ended));
  if (last_success) gauge(kLastSuccess, "When a run last ended well.", fmt::format("{:.3f}", *last_success));
  gauge("movies_etl_last_run_exit_code", "Its exit code.", static_cast<int>(report.exit_code()));
  gauge("movies_etl_last_run_duration_seconds", "How long it took.", fmt::format("{:.3f}", report.seconds));
  gauge("movies_etl_last_run_rows_read", "Rows of the raw files.", report.rows_read);
  gauge("movies_etl_last_run_rows_written", "Rows that it published.", report.published ? report.rows_written() : 0);
  gauge("movies_etl_last_run_bytes_written", "Bytes that it published.", report.published ? report.bytes_written() : 0);
  gauge("movies_etl_last_run_duplicates", "Rows that were dropped as duplicates.", report.duplicates);
  gauge("movies_etl_last_run_peak_memory_bytes", "Most memory that the process had.", report.peak_memory);
  begin("movies_etl_last_run_step_seconds", "How long each step took.");
  for (const auto& [step, seconds] : report.steps)
    out += fmt::format("movies_etl_last_run_step_seconds{{{},step=\"{}\"}} {:.3f}\n", labels, escaped(step), seconds);
  if (report.checks) {
    using quality::Outcome;
    begin("movies_etl_last_run_checks", "Checks by outcome.");
    for (const auto& [name, outcome] :
         {std::pair{"pass", Outcome::kPass}, std::pair{"warn", Outcome::kWarn}, std::pair{"fail", Outcome::kFail},
          std::pair{"not_evaluated", Outcome::kNotEvaluated}})
      out += fmt::format("movies_etl_last_run_checks{{{},outcome=\"{}\"}} {}\n", labels, name,
                         report.checks->count(outcome));
  }
  return out;
}

void write_metrics(const config::Settings& settings, const pipeline::RunReport& report) noexcept {
  try {
    const std::string folder = settings.path("observe.prometheus.folder");
    if (folder.empty()) return;
    const std::string file = fmt::format("{}/movies_etl_{}.prom", folder, report.pipeline);
    const auto earlier = files::read(file);
    constexpr mode_t kForAll = 0644;  // the exporter is another user
    files::create_folders(folder);
    files::write(file, metrics_text(report, earlier ? value_in(*earlier, kLastSuccess) : std::nullopt), kForAll);
  } catch (const std::exception& e) {
    log::warning("Prometheus is not told of this run: {}", e.what());
  }
}

}  // namespace metl::app

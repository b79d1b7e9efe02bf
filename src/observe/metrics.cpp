#include "observe/metrics.h"

#include <fmt/format.h>

#include <charconv>

#include "base/files.h"
#include "base/log.h"
#include "base/text.h"
#include "observe/send.h"

namespace metl::observe {
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

double ended(const pipeline::RunReport& report) { return seconds_of(report.started) + report.seconds; }

std::string labels_of(const pipeline::RunReport& report) {
  return fmt::format("pipeline=\"{}\",table=\"{}\"", escaped(report.pipeline), escaped(report.table));
}

std::string success_text(const std::string& labels, double when) {
  return fmt::format("# HELP {0} When a run last ended well.\n# TYPE {0} gauge\n{0}{{{1}}} {2:.3f}\n", kLastSuccess,
                     labels, when);
}

void write_file(const config::Settings& settings, const pipeline::RunReport& report) {
  const std::string folder = settings.path("observe.prometheus.folder");
  if (folder.empty()) return;
  const std::string file = fmt::format("{}/movies_etl_{}.prom", folder, report.pipeline);
  std::optional<double> success;
  if (report.exit_code() == ExitCode::kDone)
    success = ended(report);
  else if (const auto earlier = files::read(file))
    success = value_in(*earlier, kLastSuccess);
  constexpr mode_t kForAll = 0644;  // the exporter is another user
  files::create_folders(folder);
  files::write(file, metrics_text(report, success), kForAll);
}

// The gateway's way to write a label's value that may hold any byte is base64; a name of a pipeline needs none.
std::string group(const std::string& url, std::string_view job, const std::string& pipeline) {
  std::string name;
  for (const unsigned char c : pipeline) {
    name +=
        std::isalnum(c) != 0 || c == '-' || c == '_' ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return fmt::format("{}/metrics/job/{}/pipeline/{}", url, job, name);
}

void push(const config::Settings& settings, const pipeline::RunReport& report) {
  const std::string url = push_url_of(settings);
  if (url.empty()) return;
  const auto put = [&](std::string_view job, const std::string& text) {
    send(Request{.method = "PUT",
                 .url = group(url, job, report.pipeline),
                 .content_type = "text/plain; version=0.0.4",
                 .token = "",
                 .body = text},
         delivery_of(settings));
  };
  put("movies_etl", metrics_text(report, std::nullopt));
  if (report.exit_code() == ExitCode::kDone) put("movies_etl_success", success_text(labels_of(report), ended(report)));
}

}  // namespace

std::string metrics_text(const pipeline::RunReport& report, std::optional<double> last_success) {
  const std::string labels = labels_of(report);
  std::string out;
  const auto begin = [&out](std::string_view name, std::string_view help) {
    out += fmt::format("# HELP {} {}\n# TYPE {} gauge\n", name, help, name);
  };
  const auto gauge = [&](std::string_view name, std::string_view help, auto value) {
    begin(name, help);
    out += fmt::format("{}{{{}}} {}\n", name, labels, value);
  };
  gauge("movies_etl_last_run_timestamp_seconds", "When the last run ended.", fmt::format("{:.3f}", ended(report)));
  if (last_success) out += success_text(labels, *last_success);
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

std::string push_url_of(const config::Settings& settings) {
  std::string url = settings.get_string("observe.prometheus.push_url");
  while (url.ends_with('/')) url.pop_back();
  if (!url.empty()) keep_secret(url);
  return url;
}

void write_metrics(const config::Settings& settings, const pipeline::RunReport& report) noexcept {
  for (const auto& tell : {write_file, push}) {
    try {
      tell(settings, report);
    } catch (const std::exception& e) {
      log::warning("Prometheus is not told of this run: {}", e.what());
    }
  }
}

}  // namespace metl::observe

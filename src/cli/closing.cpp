#include "cli/closing.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/embedded_engine.h"
#include "app/storage.h"
#include "base/descriptor.h"
#include "base/environment.h"
#include "base/json.h"
#include "base/log_event.h"
#include "base/secrets.h"
#include "base/stop.h"
#include "base/text.h"
#include "cli/backfill.h"
#include "cli/commands.h"
#include "observe/metrics.h"
#include "observe/notify.h"
#include "pipeline/run_record.h"
#include "storage/retry_watch.h"

namespace metl::cli {
namespace {

using Json = nlohmann::ordered_json;
using pipeline::RunReport;

// Kubernetes shows what stands there as the reason why a container ended. It makes the file itself.
void write_termination_log(const std::string& text) {
  constexpr const char* kFile = "/dev/termination-log";
  constexpr size_t kMost = 4096;  // that Kubernetes takes
  const files::Descriptor file(::open(kFile, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat found {};
  if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode)) return;
  const std::string line = secrets::masked(text).substr(0, kMost);
  if (::write(file.get(), line.data(), line.size()) < 0) log::debug("{} cannot be written", kFile);
}

std::string environment_of(const Invocation& invocation) {
  if (!invocation.environment.empty()) return invocation.environment;
  const auto variables = process_variables();
  const auto found = variables.find("ENV_FOR_DYNACONF");
  return found == variables.end() || found->second.empty() ? "development" : found->second;
}

// As well as it can be told: what is wrong may be just that.
pipeline::RecordPlace place_of_records(const Invocation& invocation, mode_t& mode) {
  pipeline::RecordPlace out{"", std::filesystem::absolute(invocation.config_file).string(), environment_of(invocation)};
  try {
    const config::Settings settings = load_settings(invocation);
    out.curated_location = settings.path("data.curated.location");
    mode = app::record_mode(settings);
    app::open_storage(&settings, process_variables(), {{"data.curated.location", out.curated_location}});
  } catch (const Error& e) {
    log::debug("where the record belongs: {}", e.message());
  }
  return out;
}

RunReport report_of(const Invocation& invocation, const Error& why, std::chrono::system_clock::time_point started) {
  RunReport out;
  out.started = started;
  out.run_id = pipeline::new_run_id(started);
  out.pipeline = invocation.pipeline;
  if (!invocation.days.empty()) {
    out.execution_date = invocation.days.front().iso();
    out.command = command_for_day(invocation, invocation.days.front());
  }
  pipeline::fail(out, why);
  return out;
}

// By what the configuration says, or as far as it can be understood: that it is wrong is for somebody to know.
void tell_others(const Invocation& invocation, const std::vector<RunReport>& reports) {
  if (invocation.dry_run) return;
  try {
    const std::string file = std::filesystem::absolute(invocation.config_file).string();
    try {
      const config::Settings settings = load_settings(invocation);
      for (const auto& report : reports) observe::write_metrics(settings, report);
      observe::notify(settings, {settings.path("data.curated.location"), file, settings.environment()},
                      app::record_mode(settings), reports);
    } catch (const Error& e) {
      log::debug("only the observers' settings are read: {}", e.message());
      const config::Settings settings = config::load({.file = invocation.config_file,
                                                      .environment = invocation.environment,
                                                      .variables = process_variables(),
                                                      .overrides = invocation.overrides,
                                                      .only = {"observe", "storage.ca_file"}});
      for (const auto& report : reports) observe::write_metrics(settings, report);
      observe::notify(settings, {"", file, settings.environment()}, files::kPrivate, reports);
    }
  } catch (const Error& e) {
    log::debug("nobody else is told of the runs: {}", e.message());
  }
}

std::string headline(const RunReport& report) {
  if (report.error) return fmt::format("failed ({}): {}", name_of(report.error->cause()), report.error->message());
  return report.version ? fmt::format("published as version {}, {} rows", *report.version, report.rows_written())
                        : "nothing published";
}

}  // namespace

void Closing::add(const RunReport& report) { reports_.push_back(report); }

const RunReport* Closing::worst() const {
  const RunReport* out = nullptr;
  for (const auto& report : reports_) {
    if (out == nullptr || worse(out->exit_code(), report.exit_code()) != out->exit_code()) out = &report;
  }
  return out;
}

void Closing::tell(const Invocation& invocation, int code, const Error* failure) const {
  const RunReport* last = worst();
  const auto seconds = std::chrono::duration<double>(std::chrono::system_clock::now() - started_).count();
  const Error* why = failure != nullptr ? failure : last != nullptr && last->error ? &*last->error : nullptr;
  Json fields{{"event", "outcome"},
              {"status", last != nullptr ? pipeline::to_json(*last)["status"] : Json(code == 0 ? "done" : "failed")},
              {"exit_code", code},
              {"seconds", seconds}};
  std::string text = failure != nullptr ? fmt::format("failed ({}): {}", name_of(why->cause()), why->message())
                     : last == nullptr  ? "there was nothing to do"
                                        : fmt::format("{} {}", last->execution_date, headline(*last));
  if (last != nullptr) {
    fields["run_id"] = last->run_id;
    fields["pipeline"] = last->pipeline;
    fields["execution_date"] = last->execution_date;
    fields["version"] = last->version ? Json(*last->version) : Json();
    fields["rows"] = last->published ? last->rows_written() : 0;
    const auto done = std::count_if(reports_.begin(), reports_.end(),
                                    [](const RunReport& one) { return one.exit_code() == ExitCode::kDone; });
    fields["days"] = {{"done", done}, {"failed", static_cast<int64_t>(reports_.size()) - done}};
    if (reports_.size() > 1) text = fmt::format("{} of {} days done; {}", done, reports_.size(), text);
  }
  if (why != nullptr) {
    fields["error"] = why->message();
    fields["cause"] = name_of(why->cause());
    fields["hint"] = why->what_to_do();
  }
  const bool warned = last != nullptr && last->checks && last->checks->count(quality::Outcome::kWarn) > 0;
  const auto level = code != 0 ? log::Level::kError : warned ? log::Level::kWarning : log::Level::kInfo;
  if (last != nullptr) tell_others(invocation, reports_);  // first: the outcome is the log's last line
  log::event(level, fmt::format("exit {}: {} ({:.1f} s)", code, text, seconds), fields);
  if (!invocation.dry_run) write_termination_log(on_one_line(fields) + "\n");
}

int closing(const Invocation& invocation, const std::function<int(Closing& days)>& work) {
  Closing days;
  Invocation told = invocation;
  told.closes_log = false;
  const storage::RetryWatch retries;
  try {
    const int code = work(days);
    days.tell(invocation, code, nullptr);
    return code;
  } catch (const std::exception& e) {
    const Error why = stop::requested() ? stop::reason() : as_error(e);
    if (why.cause() == Cause::kUsage) throw;
    RunReport report = report_of(invocation, why, days.started_);
    if (!invocation.dry_run) {
      const stop::Hold whole(stop::Hold::For::kCleanup);
      mode_t mode = files::kPrivate;
      const pipeline::RecordPlace where = place_of_records(invocation, mode);
      pipeline::keep_record(where, mode, report);
    }
    const int code = cli::report(why, told);
    days.add(report);
    days.tell(invocation, code, &why);
    return code;
  }
}

std::string quoted(const std::string& word) {
  const bool plain = !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view("-_./:=,@%+").find(static_cast<char>(c)) != std::string_view::npos;
  });
  return plain ? word : fmt::format("'{}'", text::replace_all(word, "'", "'\\''"));
}

std::string command_for_day(const Invocation& invocation, const Date& day) {
  std::string out =
      fmt::format("movies-etl run --execution-date {} --pipeline {} --config-file-path {}", day.iso(),
                  quoted(invocation.pipeline), quoted(std::filesystem::absolute(invocation.config_file).string()));
  if (!invocation.environment.empty()) out += " --env " + quoted(invocation.environment);
  for (const auto& setting : invocation.overrides) {
    const std::string value = setting.flag == "--set" ? fmt::format("{}={}", setting.key, setting.text) : setting.text;
    out += fmt::format(" {} {}", setting.flag, quoted(value));
  }
  return secrets::masked(out);
}

}  // namespace metl::cli

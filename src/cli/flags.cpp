#include "cli/flags.h"

#include <limits>

#include "app/embedded_engine.h"
#include "base/text.h"
#include "cli/flag_values.h"

namespace metl::cli {
namespace {

void store_setting(Invocation& out, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(Cause::kUsage, "what is given is not KEY=VALUE", "For example: --set data.raw.location=/data/raw");
  }
  out.overrides.push_back({.key = text.substr(0, equals), .text = text.substr(equals + 1), .flag = "--set"});
}

// A flag that stands for a setting. `check` throws for a wrong value.
Store overrides(const char* key, const char* flag, void (*check)(const std::string& text) = nullptr) {
  return [key, flag, check](Invocation& out, const std::string& text) {
    if (check != nullptr) check(text);
    out.overrides.push_back({.key = key, .text = text, .flag = flag});
  };
}

void require_size(const std::string& text) {
  if (text::parse_bytes(text) > 0) return;
  throw Error(Cause::kUsage, fmt::format("'{}' is not a size", text), "Give one such as 512MB or 2GiB.");
}

void require_threads(const std::string& text) {
  const auto threads = number<int64_t>(text, 0, std::numeric_limits<int64_t>::max());
  try {
    app::require_few_threads(threads);
  } catch (const Error& e) {
    throw Error(Cause::kUsage, e.message(), e.hint());
  }
}

std::chrono::seconds time_limit(const std::string& text) {
  const std::chrono::seconds limit = duration(text);
  if (limit > std::chrono::seconds(0)) return limit;
  throw Error(Cause::kUsage, fmt::format("'{}' leaves no time", text), "Without --timeout there is no limit.");
}

log::Level log_level(const std::string& text) {
  return text == "debug"     ? log::Level::kDebug
         : text == "info"    ? log::Level::kInfo
         : text == "warning" ? log::Level::kWarning
                             : log::Level::kError;
}

}  // namespace

std::vector<Flag> settings_flags() {
  return {
      Flag{
          .name = "--config-file-path",
          .value = "FILE",
          .help = "The config file.",
          .store = into(&Invocation::config_file),
          .default_text = "app_config.yaml",
          .short_name = "c",
          .completes = Completes::kFile,
      },
      Flag{
          .name = "--env",
          .value = "NAME",
          .help = "The environment, a section of the config file; ENV_FOR_DYNACONF, or else development, if not given.",
          .store = into(&Invocation::environment),
      },
      Flag{
          .name = "--set",
          .value = "KEY=VALUE",
          .help = "Overrides one setting, for example data.raw.location=/data/raw. May be given again.",
          .store = store_setting,
          .repeatable = true,
      },
  };
}

std::vector<Flag> engine_flags() {
  return {
      Flag{
          .name = "--engine",
          .value = "NAME",
          .help = "Short for --set engine.name=NAME.",
          .store = overrides("engine.name", "--engine"),
          .choices = {"duckdb", "spark"},
      },
      Flag{
          .name = "--spark-remote",
          .value = "URL",
          .help = "Short for --set engine.spark.remote=URL, as in sc://host:15002.",
          .store = overrides("engine.spark.remote", "--spark-remote"),
      },
      Flag{
          .name = "--memory-limit",
          .value = "SIZE",
          .help = "Short for --set engine.memory_limit=SIZE.",
          .store = overrides("engine.memory_limit", "--memory-limit", require_size),
      },
      Flag{
          .name = "--threads",
          .value = "N",
          .help = "Short for --set engine.threads=N; 0 means one for each processor.",
          .store = overrides("engine.threads", "--threads", require_threads),
      },
      Flag{
          .name = "--timeout",
          .value = "DURATION",
          .help =
              "Ends the work with exit code 3 when it takes longer, such as 90s, 30m or 2h; without it there is no limit.",
          .store = into(&Invocation::timeout, time_limit),
      },
  };
}

std::vector<Flag> log_flags() {
  return {
      Flag{
          .name = "--log-format",
          .value = "FORMAT",
          .help = "Form of the log lines on standard error.",
          .store =
              into(&Invocation::log_format,
                   [](const std::string& text) { return text == "json" ? log::Format::kJson : log::Format::kText; }),
          .default_text = "text",
          .choices = {"text", "json"},
      },
      Flag{
          .name = "--log-level",
          .value = "LEVEL",
          .help = "The least important log lines to show.",
          .store = into(&Invocation::log_level, log_level),
          .default_text = "info",
          .choices = {"debug", "info", "warning", "error"},
      },
  };
}

Flag days_argument() {
  return {
      .name = "DAYS",
      .value = "DAYS",
      .help = "One day or FIRST..LAST, each as YYYY-MM-DD, today, yesterday or today-N, which are days of UTC.",
      .store = store_days,
      .required = true,
  };
}

Flag pipeline_flag() {
  return {
      .name = "--pipeline",
      .value = "NAME",
      .help = "The pipeline: a folder in pipelines.location.",
      .store = into(&Invocation::pipeline),
      .default_text = "movie_ratings",
  };
}

Flag dry_run_flag() {
  return {
      .name = "--dry-run",
      .help = "Changes nothing that others see, and says what would happen.",
      .store = turns_on(&Invocation::dry_run),
  };
}

Flag output_flag() {
  return {
      .name = "--output",
      .value = "FORMAT",
      .help = "Form of the result on standard output.",
      .store = into(&Invocation::output_json, [](const std::string& text) { return text == "json"; }),
      .default_text = "text",
      .choices = {"text", "json"},
  };
}

Flag progress_flag() {
  return {
      .name = "--no-progress",
      .help = "Shows no progress bar; without a terminal there is none anyway.",
      .store = [](Invocation& out, const std::string&) { out.progress = false; },
  };
}

Flag help_flag() {
  return {
      .name = "--help",
      .help = "Shows this help.",
      .store = turns_on(&Invocation::help),
      .short_name = "h",
  };
}

Flag version_flag() {
  return {
      .name = "--version",
      .help = "Shows the version.",
      .store = turns_on(&Invocation::version),
  };
}

}  // namespace metl::cli

#include "cli/flags.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace metl::cli {
namespace {

template <typename Number>
Number number(const std::string& text, Number least, Number most) {
  Number value{};
  const char* end = text.data() + text.size();
  const auto [at, failed] = std::from_chars(text.data(), end, value);
  if (failed == std::errc() && at == end && value >= least && value <= most) return value;
  const char* kind = std::is_integral_v<Number> ? "a whole number" : "a number";
  if (most == std::numeric_limits<Number>::max()) {
    throw Error(ExitCode::kUsage, fmt::format("'{}' is not {} of at least {}", text, kind, least));
  }
  throw Error(ExitCode::kUsage, fmt::format("'{}' is not {} from {} to {}", text, kind, least, most));
}

int64_t count(const std::string& text) { return number<int64_t>(text, 0, std::numeric_limits<int64_t>::max()); }

void store_setting(Invocation& out, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(ExitCode::kUsage, "what is given is not KEY=VALUE", "For example: --set data.raw.location=/data/raw");
  }
  out.overrides.push_back({text.substr(0, equals), text.substr(equals + 1), "--set"});
}

void store_memory_limit(Invocation& out, const std::string& text) {
  if (text::parse_bytes(text) <= 0) {
    throw Error(ExitCode::kUsage, fmt::format("'{}' is not a size", text), "Give one such as 512MB or 2GiB.");
  }
  out.overrides.push_back({"engine.memory_limit", text, "--memory-limit"});
}

void store_threads(Invocation& out, const std::string& text) {
  number<int>(text, 0, std::numeric_limits<int>::max());
  out.overrides.push_back({"engine.threads", text, "--threads"});
}

void store_log_level(Invocation& out, const std::string& text) {
  out.log_level = text == "debug"     ? log::Level::kDebug
                  : text == "info"    ? log::Level::kInfo
                  : text == "warning" ? log::Level::kWarning
                                      : log::Level::kError;
}

std::vector<Flag> make_flags() {
  using I = Invocation;
  using Text = const std::string&;
  const std::vector<std::string_view> with_settings{"run", "config show"};
  const std::vector<std::string_view> working{"run", "generate"};
  const std::vector<std::string_view> every{"run", "config show", "generate", "completions", "manual"};
  const std::vector<std::string_view> everywhere{"", "run", "config show", "generate", "completions", "manual"};
  return {
      {"--execution-date",
       "DAY|FIRST..LAST",
       "The day to curate, as YYYY-MM-DD, or a range of days, done in order.",
       {"run"},
       [](I& out, Text text) { out.days = parse_days(text); },
       {},
       {},
       0,
       /*required=*/true},
      {"--pipeline",
       "NAME",
       "The pipeline: a folder in pipelines.location.",
       {"run"},
       [](I& out, Text text) { out.pipeline = text; },
       "movie_ratings"},
      {"--config-file-path",
       "FILE",
       "The config file.",
       with_settings,
       [](I& out, Text text) { out.config_file = text; },
       "app_config.yaml",
       {},
       'c',
       false,
       false,
       Completes::kFile},
      {"--env", "NAME",
       "The environment, a section of the config file; ENV_FOR_DYNACONF, or else development, if not given.",
       with_settings, [](I& out, Text text) { out.environment = text; }},
      {"--set",
       "KEY=VALUE",
       "Overrides one setting, for example data.raw.location=/data/raw. May be given again.",
       with_settings,
       store_setting,
       {},
       {},
       0,
       false,
       /*repeatable=*/true},
      {"--memory-limit", "SIZE", "Short for --set engine.memory_limit=SIZE.", {"run"}, store_memory_limit},
      {"--threads", "N", "Short for --set engine.threads=N; 0 means one for each processor.", {"run"}, store_threads},
      {"--dry-run",
       "",
       "Does everything but publish, and says what would happen.",
       {"run"},
       [](I& out, Text) { out.dry_run = true; }},
      {"--evolve",
       "",
       "Adds new nullable columns to the table instead of refusing a changed schema.",
       {"run"},
       [](I& out, Text) { out.evolve = true; }},
      {"--origin",
       "",
       "Also shows where each value comes from.",
       {"config show"},
       [](I& out, Text) { out.show_origin = true; }},
      {"--rows",
       "N",
       "Rows of each day, duplicates and faults included.",
       {"generate"},
       [](I& out, Text text) { out.generate.rows = number<int64_t>(text, 1, 1'000'000'000); },
       {},
       {},
       0,
       true},
      {"--days",
       "DAY|FIRST..LAST",
       "The days to make, as YYYY-MM-DD.",
       {"generate"},
       [](I& out, Text text) { out.generate.days = parse_days(text); },
       {},
       {},
       0,
       true},
      {"--seed",
       "N",
       "The same seed makes the same days.",
       {"generate"},
       [](I& out, Text text) { out.generate.seed = number<uint64_t>(text, 0, std::numeric_limits<uint64_t>::max()); },
       "1"},
      {"--output",
       "FOLDER",
       "Where the days go, each to YYYY/MM/DD below it.",
       {"generate"},
       [](I& out, Text text) { out.generate.output = text; },
       {},
       {},
       0,
       true,
       false,
       Completes::kFolder},
      {"--files",
       "N",
       "Files of each day; without it five, or more for a big day.",
       {"generate"},
       [](I& out, Text text) { out.generate.files = number<int>(text, 1, 100'000); }},
      {"--duplicates",
       "PERCENT",
       "Share of rows that repeat the movie and user of another row.",
       {"generate"},
       [](I& out, Text text) { out.generate.duplicate_percent = number<double>(text, 0, 95); },
       "5"},
      {"--with-bad-ratings",
       "N",
       "Rows whose rating is outside 0 to 5.",
       {"generate"},
       [](I& out, Text text) { out.generate.bad_ratings = count(text); },
       "0"},
      {"--with-bad-languages",
       "N",
       "Rows whose language has not two letters.",
       {"generate"},
       [](I& out, Text text) { out.generate.bad_languages = count(text); },
       "0"},
      {"--with-null-timestamps",
       "N",
       "Rows without a timestamp.",
       {"generate"},
       [](I& out, Text text) { out.generate.null_timestamps = count(text); },
       "0"},
      {"--with-negative-budgets",
       "N",
       "Rows whose budget is below 0.",
       {"generate"},
       [](I& out, Text text) { out.generate.negative_budgets = count(text); },
       "0"},
      {"SHELL",
       "SHELL",
       "The shell to make the script for.",
       {"completions"},
       [](I& out, Text text) { out.shell = text; },
       {},
       {"bash", "zsh", "fish"},
       0,
       true},
      {"--format",
       "FORMAT",
       "roff for man(1), or markdown.",
       {"manual"},
       [](I& out, Text text) { out.manual_format = text; },
       "roff",
       {"roff", "markdown"}},
      {"--output",
       "FORMAT",
       "Form of the result on standard output.",
       with_settings,
       [](I& out, Text text) { out.output_json = text == "json"; },
       "text",
       {"text", "json"}},
      {"--no-progress", "", "Shows no progress bar; without a terminal there is none anyway.", working,
       [](I& out, Text) { out.progress = false; }},
      {"--log-format",
       "FORMAT",
       "Form of the log lines on standard error.",
       every,
       [](I& out, Text text) { out.log_format = text == "json" ? log::Format::kJson : log::Format::kText; },
       "text",
       {"text", "json"}},
      {"--log-level",
       "LEVEL",
       "The least important log lines to show.",
       every,
       store_log_level,
       "info",
       {"debug", "info", "warning", "error"}},
      {"--help", "", "Shows this help.", everywhere, [](I& out, Text) { out.help = true; }, {}, {}, 'h'},
      {"--version", "", "Shows the version.", {""}, [](I& out, Text) { out.version = true; }},
  };
}

}  // namespace

const std::vector<Flag>& all_flags() {
  static const std::vector<Flag> kFlags = make_flags();
  return kFlags;
}

std::vector<const Flag*> flags_of(std::string_view command) {
  std::vector<const Flag*> out;
  for (const auto& flag : all_flags()) {
    if (std::find(flag.commands.begin(), flag.commands.end(), command) != flag.commands.end()) out.push_back(&flag);
  }
  return out;
}

}  // namespace metl::cli

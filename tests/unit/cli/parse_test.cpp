#include "cli/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"
#include "sample/generate.h"

namespace metl::cli {
namespace {

using Words = std::vector<std::string>;
using testing::ElementsAre;
using testing::StartsWith;

Invocation parsed(const Words& words) {
  Invocation out;
  parse(words, out);
  return out;
}

// "message | hint" of the usage error; "" for none.
std::string failure(const Words& words) {
  try {
    parsed(words);
    return "";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kUsage);
    return e.message() + " | " + e.hint();
  }
}

Words run(const Words& more) {
  Words words{"run", "--execution-date", "2021-01-01"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::vector<std::string> iso(const std::vector<Date>& days) {
  std::vector<std::string> out;
  for (const auto& day : days) out.push_back(day.iso());
  return out;
}

TEST(Parse, RunWithDefaults) {
  const Invocation out = parsed(run({}));
  EXPECT_EQ(out.command->name, "run");
  EXPECT_THAT(iso(out.days), ElementsAre("2021-01-01"));
  EXPECT_EQ(out.pipeline, "movie_ratings");
  EXPECT_EQ(out.config_file, "app_config.yaml");
  EXPECT_EQ(out.environment, "");
  EXPECT_FALSE(out.dry_run || out.output_json || out.help || out.version);
  EXPECT_TRUE(out.progress);
  EXPECT_TRUE(out.overrides.empty());
  EXPECT_EQ(out.log_level, log::Level::kInfo);
  EXPECT_EQ(out.log_format, log::Format::kText);
}

TEST(Parse, RunWithEverything) {
  const Invocation out = parsed({"run",
                                 "--execution-date=2021-01-30..2021-02-01",
                                 "-c",
                                 "x.yaml",
                                 "--env",
                                 "live",
                                 "--pipeline",
                                 "p",
                                 "--set",
                                 "a.b=c=d",
                                 "--set",
                                 "e=",
                                 "--dry-run",
                                 "--evolve",
                                 "--output",
                                 "json",
                                 "--log-format",
                                 "json",
                                 "--log-level",
                                 "debug",
                                 "--memory-limit",
                                 "512MB",
                                 "--threads",
                                 "2",
                                 "--no-progress"});
  EXPECT_THAT(iso(out.days), ElementsAre("2021-01-30", "2021-01-31", "2021-02-01"));
  EXPECT_EQ(out.config_file, "x.yaml");
  EXPECT_EQ(out.environment, "live");
  EXPECT_EQ(out.pipeline, "p");
  EXPECT_TRUE(out.dry_run && out.output_json && !out.progress);
  EXPECT_EQ(out.log_format, log::Format::kJson);
  EXPECT_EQ(out.log_level, log::Level::kDebug);
  std::vector<std::string> overrides;
  for (const auto& o : out.overrides) overrides.push_back(o.flag + " " + o.key + " <- " + o.text);
  EXPECT_THAT(overrides, ElementsAre("--set a.b <- c=d", "--set e <- ", "--memory-limit engine.memory_limit <- 512MB",
                                     "--threads engine.threads <- 2"));
}

TEST(Parse, Generate) {
  const Words base{"generate", "--rows", "10", "--days", "2021-01-01..2021-01-02", "--output", "out"};
  auto out = parsed(base).own<sample::GenerateRequest>();
  EXPECT_EQ(out.rows, 10);
  EXPECT_EQ(out.days.size(), 2U);
  EXPECT_EQ(out.output, "out");
  EXPECT_EQ(out.seed, 1U);
  EXPECT_EQ(out.duplicate_percent, 5);
  EXPECT_EQ(out.files, 0);
  Words more = base;
  for (const char* word :
       {"--seed", "7", "--files", "3", "--duplicates", "2.5", "--with-bad-ratings", "1", "--with-bad-languages", "2",
        "--with-null-timestamps", "3", "--with-negative-budgets", "4"}) {
    more.emplace_back(word);
  }
  out = parsed(more).own<sample::GenerateRequest>();
  EXPECT_EQ(out.seed, 7U);
  EXPECT_EQ(out.files, 3);
  EXPECT_EQ(out.duplicate_percent, 2.5);
  EXPECT_EQ(out.bad_ratings, 1);
  EXPECT_EQ(out.bad_languages, 2);
  EXPECT_EQ(out.null_timestamps, 3);
  EXPECT_EQ(out.negative_budgets, 4);
}

TEST(Parse, OtherCommands) {
  EXPECT_EQ(parsed({"config", "show", "--origin", "--env", "live"}).environment, "live");
  EXPECT_EQ(parsed({"completions", "zsh"}).command->name, "completions");
  EXPECT_EQ(parsed({"check", "-srf", "x", "-v", "a=b", "one", "two"}).command->name, "check");
  EXPECT_TRUE(parsed({"--version"}).version);
}

TEST(Parse, HelpWinsOverWhatIsMissingOrWrong) {
  EXPECT_TRUE(parsed({"--help"}).help);
  EXPECT_EQ(parsed({"-h"}).command, nullptr);
  EXPECT_EQ(parsed({"run", "--help"}).command->name, "run");
  EXPECT_EQ(parsed({"config", "show", "-h", "--bogus"}).command->name, "config show");
}

TEST(Parse, SuggestsTheNearestFlagOrCommand) {
  EXPECT_EQ(
      failure({"run", "--execution-dat", "2021-01-01"}),
      "unknown flag '--execution-dat'. Did you mean '--execution-date'? | 'movies-etl run --help' shows what there is.");
  EXPECT_EQ(failure(run({"--evolv=1"})),
            "unknown flag '--evolv'. Did you mean '--evolve'? | 'movies-etl run --help' shows what there is.");
  EXPECT_EQ(failure(run({"--zzzzzzzz"})), "unknown flag '--zzzzzzzz'. | 'movies-etl run --help' shows what there is.");
  EXPECT_EQ(
      failure({"runn"}),
      "unknown command 'runn'. Did you mean 'run'? | Commands: init, run, plan, backfill, validate, runs, check, test, clean-staged, expire, quarantine, tables, history, show, diff, restore, optimize, vacuum, config, ingest, generate, completions, manual.");
  EXPECT_EQ(failure({"config", "shwo"}), "unknown command 'config shwo'. | Commands: show, check.");
  EXPECT_EQ(failure({"--versio"}),
            "unknown flag '--versio'. Did you mean '--version'? | 'movies-etl --help' shows what there is.");
  EXPECT_EQ(failure(run({"--seed", "5"})),
            "flag '--seed' belongs to 'generate', not to 'run' | 'movies-etl run --help' shows what there is.");
}

TEST(Parse, TakesNoAbbreviations) {
  const auto refuses = [](const Words& command, const std::vector<Flag>& flags) {
    for (const Flag& flag : flags) {
      if (flag.is_positional() || flag.name.size() < 5) continue;
      Words words = command;
      words.emplace_back(flag.name.substr(0, flag.name.size() - 1));
      // It may be the whole name of another command's flag.
      EXPECT_THAT(failure(words), testing::AnyOf(StartsWith("unknown flag"), testing::HasSubstr("' belongs to '")))
          << flag.name;
    }
  };
  refuses({}, program_flags());
  for (const Command* command : all_commands()) refuses(text::split(command->name, ' '), command->flags);
  EXPECT_THAT(failure({"ru", "--execution-date", "2021-01-01"}), StartsWith("unknown"));
}

TEST(Parse, MissingParts) {
  EXPECT_EQ(
      failure({}),
      "no command is given | Commands: init, run, plan, backfill, validate, runs list, runs show, check, test, clean-staged, expire, quarantine list, quarantine show, quarantine replay, tables, history, show, diff, restore, optimize, vacuum, config show, config check, ingest, generate, completions, manual. "
      "'movies-etl --help' shows what there is.");
  EXPECT_EQ(
      failure({"config"}),
      "'config' is not a whole command | Commands: config show, config check. 'movies-etl --help' shows what there is.");
  EXPECT_EQ(failure({"plan"}), "'plan' needs DAYS | For example: movies-etl plan 2021-01-01..2021-12-31");
  EXPECT_THAT(failure({"generate", "--rows", "1", "--days", "2021-01-01"}), StartsWith("'generate' needs --output | "));
  EXPECT_THAT(failure({"completions"}), StartsWith("'completions' needs SHELL | "));
  EXPECT_THAT(failure(run({"--env"})), StartsWith("'--env' needs a value, NAME"));
  EXPECT_THAT(failure(run({"--env", "--dry-run"})), StartsWith("'--env' needs a value, NAME"));
  EXPECT_THAT(failure(run({"--env="})), StartsWith("'--env' needs a value, NAME"));
}

TEST(Parse, WrongValues) {
  EXPECT_EQ(failure({"run", "--execution-date", "2021-02-30"}),
            "--execution-date: '2021-02-30' is not a day of the calendar | Give a date as YYYY-MM-DD.");
  EXPECT_THAT(failure({"run", "--execution-date", "2021-01-02..2021-01-01"}),
              StartsWith("--execution-date: the range '2021-01-02..2021-01-01' ends before it starts"));
  EXPECT_EQ(failure(run({"--output", "jsn"})), "--output: 'jsn' is not one of text, json. Did you mean 'json'? | ");
  EXPECT_EQ(failure({"completions", "tcsh"}), "SHELL: 'tcsh' is not one of bash, zsh, fish. | ");
  EXPECT_EQ(failure(run({"--set", "hunter2"})),
            "--set: what is given is not KEY=VALUE | For example: --set data.raw.location=/data/raw");
  EXPECT_EQ(failure(run({"--memory-limit", "lots"})),
            "--memory-limit: 'lots' is not a size | Give one such as 512MB or 2GiB.");
  EXPECT_EQ(failure(run({"--threads", "-1"})), "--threads: '-1' is not a whole number of at least 0 | ");
  EXPECT_EQ(failure({"generate", "--rows", "0"}), "--rows: '0' is not a whole number from 1 to 1000000000 | ");
  EXPECT_EQ(failure({"generate", "--rows", "1e3"}), "--rows: '1e3' is not a whole number from 1 to 1000000000 | ");
  EXPECT_EQ(failure({"generate", "--duplicates", "96"}), "--duplicates: '96' is not a number from 0 to 95 | ");
  EXPECT_THAT(failure(run({"--env", "a", "--env", "b"})), StartsWith("'--env' is given more than once"));
  EXPECT_EQ(failure(run({"generate"})),
            "'run' takes no argument 'generate' | 'movies-etl run --help' shows what there is.");
  EXPECT_NE(failure(run({"--dry-run=maybe"})), "");
}

TEST(Parse, WhatCouldBeReadSurvivesAnError) {
  Invocation out;
  EXPECT_THROW(parse({"run", "--execution-date", "x", "--output", "json", "--log-format", "json", "--bogus"}, out),
               Error);
  EXPECT_TRUE(out.output_json);
  EXPECT_EQ(out.log_format, log::Format::kJson);
}

TEST(Flags, AreCompleteAndUnique) {
  for (const Command* command : all_commands()) {
    std::set<std::string_view> seen;
    for (const Flag& flag : command->flags) {
      EXPECT_TRUE(seen.insert(flag.name).second) << command->name << " " << flag.name;
      EXPECT_FALSE(flag.help.empty()) << flag.name;
      EXPECT_TRUE(flag.help.ends_with('.')) << flag.name;
    }
    EXPECT_TRUE(seen.contains("--help"));
  }
}

}  // namespace
}  // namespace metl::cli

// What the program prints: help, completions, manual, errors, settings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "config/keys.h"

namespace metl::cli {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

std::string output_of(const std::vector<std::string>& words) {
  Invocation invocation;
  parse(words, invocation);
  testing::internal::CaptureStdout();
  EXPECT_EQ(execute(invocation), 0);
  return testing::internal::GetCapturedStdout();
}

// What a shell command prints.
std::string shell(const std::string& command) {
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) out += static_cast<char>(c);
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << out;
  return out;
}

bool installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
}

std::string file_with(const std::string& name, const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() / ("metl-cli-" + std::to_string(getpid()) + "-" + name);
  std::ofstream(path) << text;
  return path.string();
}

// What bash offers for the last of `words`.
std::string bash_offers(const std::string& words, int index) {
  static const std::string script = file_with("completion.bash", output_of({"completions", "bash"}));
  return shell("bash -euc 'source " + script + "; COMP_WORDS=(" + words + "); COMP_CWORD=" + std::to_string(index) +
               "; _movies_etl; echo \"${COMPREPLY[*]}\"'");
}

TEST(Completions, BashOffersCommandsFlagsAndValues) {
  EXPECT_EQ(
      bash_offers("movies-etl \"\"", 1),
      "init run plan backfill validate runs check test clean-staged expire quarantine tables history show diff restore optimize vacuum config ingest generate completions manual --help --version\n");
  EXPECT_EQ(bash_offers("movies-etl config \"s\"", 2), "show\n");
  EXPECT_EQ(bash_offers("movies-etl run --execution-d", 2), "--execution-date\n");
  EXPECT_EQ(bash_offers("movies-etl run --output \"\"", 3), "text json\n");
  EXPECT_EQ(bash_offers("movies-etl run --log-level w", 3), "warning\n");
  EXPECT_EQ(bash_offers("movies-etl completions \"f\"", 2), "fish\n");
  EXPECT_EQ(bash_offers("movies-etl run --env \"\"", 3), "\n");
  EXPECT_THAT(bash_offers("movies-etl run -c /etc/pass", 3), HasSubstr("/etc/passwd"));
}

TEST(Completions, EveryShellKnowsEveryFlag) {
  for (const char* name : {"bash", "zsh", "fish"}) {
    const std::string script = output_of({"completions", name});
    for (const Command* command : all_commands()) {
      for (const Flag& flag : command->flags) {
        if (flag.is_positional()) continue;
        const std::string_view word = std::string_view(name) == "fish" ? flag.name.substr(2) : flag.name;
        EXPECT_THAT(script, HasSubstr(std::string(word))) << name;
      }
    }
    if (!installed(name)) continue;
    EXPECT_EQ(shell(std::string(name) + " -n " + file_with(name, script) + " 2>&1"), "");
  }
}

TEST(Manual, IsCleanRoffAndNamesEverything) {
  const std::string page = output_of({"manual"});
  EXPECT_THAT(page, HasSubstr(".SS movies\\-etl plan DAYS [flags]\n"));
  EXPECT_THAT(page, HasSubstr(".TP\n\\fB78\\fR\nconfiguration, pipeline or checks file wrong\n"));
  for (const auto& key : config::known_keys()) EXPECT_THAT(page, HasSubstr("\\fB" + std::string(key.name) + "\\fR"));
  if (!installed("groff")) GTEST_SKIP() << "groff is not installed";
  EXPECT_EQ(shell("groff -man -ww -Tutf8 -z " + file_with("page.1", page) + " 2>&1"), "");
  EXPECT_THAT(shell("groff -man -Tascii " + file_with("page.1", page)),
              HasSubstr("movies-etl run --execution-date 2021-01-01"));
}

TEST(Manual, AsMarkdown) {
  const std::string text = output_of({"manual", "--format", "markdown"});
  EXPECT_THAT(text, HasSubstr("| `-c, --config-file-path FILE` | The config file. Default: app_config.yaml. |\n"));
  EXPECT_THAT(text, HasSubstr("`--execution-date DAY\\|FIRST..LAST`"));
}

TEST(Help, OfTheProgram) {
  const std::string text = output_of({"--help"});
  EXPECT_THAT(text, HasSubstr("Usage: movies-etl COMMAND [flags]\n"));
  EXPECT_THAT(text, HasSubstr("  config show   Print every effective setting\n"));
  EXPECT_THAT(text, HasSubstr("  130   interrupted (SIGINT, SIGTERM or SIGHUP)\n"));
}

TEST(Help, OfACommandNamesItsFlagsAndFitsTheTerminal) {
  for (const Command* command : all_commands()) {
    const std::string text = command_help(*command);
    for (const Flag& flag : command->flags) EXPECT_THAT(text, HasSubstr(flag_heading(flag)));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("  movies-etl ")) {
        EXPECT_LE(line.size(), 100U) << line;
      }
    }
  }
  EXPECT_THAT(output_of({"plan", "-h"}), HasSubstr("Usage: movies-etl plan DAYS [flags]\n"));
  EXPECT_THAT(output_of({"run", "-h"}), Not(HasSubstr("--rows")));
}

TEST(Version, IsThatOfTheBuild) {
  EXPECT_THAT(output_of({"--version"}), MatchesRegex("movies-etl [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

const Error kError(Cause::kConfiguration, "file:1:2: it is wrong", "make it right");

TEST(Report, TextGoesToStandardError) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(report(kError, {}), 78);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "error: file:1:2: it is wrong\nhint: make it right\n");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(Report, JsonOutputGetsADocument) {
  Invocation invocation;
  invocation.output_json = true;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(report(kError, invocation), 78);
  testing::internal::GetCapturedStderr();
  EXPECT_EQ(nlohmann::json::parse(testing::internal::GetCapturedStdout()),
            (nlohmann::json{{"status", "failed"},
                            {"exit_code", 78},
                            {"cause", "configuration"},
                            {"error", "file:1:2: it is wrong"},
                            {"hint", "make it right"}}));
}

TEST(Report, JsonLogsGetALine) {
  Invocation invocation;
  invocation.log_format = log::Format::kJson;
  testing::internal::CaptureStderr();
  EXPECT_EQ(report(kError, invocation), 78);
  const auto line = nlohmann::json::parse(testing::internal::GetCapturedStderr());
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["message"], "file:1:2: it is wrong");
  EXPECT_EQ(line["hint"], "make it right");
  EXPECT_EQ(line["exit_code"], 78);
  EXPECT_EQ(line["event"], "outcome");
}

class ConfigShow : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("metl-show-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "app_config.yaml") << "development:\n  data:\n    raw: {location: raw}\n"
                                                  "    curated: {table: a.b, location: s3://lake}\n";
    std::ofstream(folder_ / ".secrets.yaml")
        << "dynaconf_merge: true\ndevelopment: {data: {curated: {location: s3://hunter2}}}\n";
    file_ = (folder_ / "app_config.yaml").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string file_;
};

TEST_F(ConfigShow, AsText) {
  const std::string text = output_of({"config", "show", "-c", file_});
  EXPECT_THAT(text, HasSubstr("# environment development of " + file_ + "\n"));
  EXPECT_THAT(text, HasSubstr("data.raw.location                 " + (folder_ / "raw").string() + "\n"));
  EXPECT_THAT(text, HasSubstr("data.curated.location             ***\n"));
  EXPECT_THAT(text, Not(HasSubstr("app_config.yaml:")));
  const std::string origins = output_of({"config", "show", "--origin", "-c", file_, "--set", "engine.threads=3"});
  EXPECT_THAT(origins, HasSubstr("  " + file_ + ":3:21\n"));
  EXPECT_THAT(origins, HasSubstr("  flag --set\n"));
  EXPECT_THAT(origins, Not(HasSubstr("hunter2")));
}

TEST_F(ConfigShow, AsJson) {
  const auto document = nlohmann::json::parse(output_of({"config", "show", "-c", file_, "--output", "json"}));
  EXPECT_EQ(document["environment"], "development");
  EXPECT_EQ(document["settings"]["write.compression"], (nlohmann::json{{"value", "zstd"}, {"origin", "default"}}));
  EXPECT_EQ(document["settings"]["data.curated.location"]["value"], "***");
  EXPECT_EQ(document["settings"].size(), config::known_keys().size());
}

}  // namespace
}  // namespace metl::cli

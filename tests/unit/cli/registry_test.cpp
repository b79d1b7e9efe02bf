// A command needs one file and nothing else: this one's is all that the program is told of "toy".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/flag_values.h"
#include "cli/flags.h"
#include "cli/help.h"
#include "cli/output.h"
#include "cli/parse.h"

namespace metl::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct ToyFlags {
  int64_t times = 0;
  std::vector<std::string> words;
  bool loud = false;
};

int toy_command(const Invocation& invocation) {
  const auto& flags = invocation.own<ToyFlags>();
  for (int64_t i = 0; i < flags.times; ++i) {
    for (const auto& word : flags.words) print("{}{}\n", word, flags.loud ? "!" : "");
  }
  return 7;
}

Command toy() {
  return {
      .name = "toy",
      .rank = 65,
      .summary = "Say words",
      .description = "Says each word as often as wished.",
      .examples = {"movies-etl toy --times 2 --word hello"},
      .flags = joined(
          Flag{
              .name = "--times",
              .value = "N",
              .help = "How often.",
              .store = into(&ToyFlags::times, number_from<int64_t>(1, 3)),
              .required = true,
          },
          Flag{
              .name = "--word",
              .value = "WORD",
              .help = "What to say. May be given again.",
              .store = appended_to(&ToyFlags::words, [](const std::string& text) { return text; }),
              .repeatable = true,
          },
          Flag{
              .name = "--loud",
              .help = "Says it loudly.",
              .store = turns_on(&ToyFlags::loud),
          },
          output_flag()),
      .run = toy_command,
  };
}

class Toy : public testing::Test {
 protected:
  // What the program prints, and ends with.
  static std::string output_of(const std::vector<std::string>& words, int code = 0) {
    Invocation invocation;
    parse(words, invocation);
    testing::internal::CaptureStdout();
    EXPECT_EQ(execute(invocation), code);
    return testing::internal::GetCapturedStdout();
  }

  static std::string failure(const std::vector<std::string>& words) {
    try {
      Invocation invocation;
      parse(words, invocation);
      return "";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kUsage);
      return e.message();
    }
  }

 private:
  const Registered registered_{toy};
};

TEST_F(Toy, RunsWithItsFlags) {
  EXPECT_EQ(output_of({"toy", "--times=2", "--word", "a", "--word", "b"}, 7), "a\nb\na\nb\n");
  EXPECT_EQ(output_of({"toy", "--loud", "--times", "1", "--word", "a"}, 7), "a!\n");
}

TEST_F(Toy, SharesWhatOtherCommandsHave) {
  Invocation out;
  parse({"toy", "--times", "1", "--output", "json", "--log-level", "debug"}, out);
  EXPECT_TRUE(out.output_json);
  EXPECT_EQ(out.log_level, log::Level::kDebug);
  EXPECT_EQ(out.own<ToyFlags>().times, 1);
}

TEST_F(Toy, FailsBeforeItRuns) {
  EXPECT_EQ(failure({"toy"}), "'toy' needs --times");
  EXPECT_EQ(failure({"toy", "--times", "4"}), "--times: '4' is not a whole number from 1 to 3");
  EXPECT_EQ(failure({"toy", "--times", "1", "--lou"}), "unknown flag '--lou'. Did you mean '--loud'?");
  EXPECT_EQ(failure({"tables", "--loud"}), "flag '--loud' belongs to 'toy', not to 'tables'");
}

TEST_F(Toy, StandsInHelpCompletionsAndManual) {
  EXPECT_THAT(output_of({"--help"}), HasSubstr("  config check  Try what the settings lead to\n"
                                               "  toy           Say words\n"
                                               "  ingest        Fill the raw location from Kafka\n"
                                               "  generate      Make raw sample days\n"));
  EXPECT_THAT(output_of({"toy", "--help"}), HasSubstr("Usage: movies-etl toy --times N [flags]\n"));
  EXPECT_THAT(output_of({"completions", "bash"}), HasSubstr("    toy) words='--times --word --loud --output"));
  EXPECT_THAT(output_of({"completions", "zsh"}), HasSubstr("'--loud[Says it loudly.]'"));
  EXPECT_THAT(output_of({"completions", "fish"}), HasSubstr("-l loud -d 'Says it loudly.'"));
  EXPECT_THAT(output_of({"manual"}), HasSubstr(".SS movies\\-etl toy \\-\\-times N [flags]\n"));
}

TEST(Registry, HoldsTheProgramsCommandsByRank) {
  std::vector<std::string_view> names;
  for (const Command* command : all_commands()) names.push_back(command->name);
  EXPECT_THAT(names,
              ElementsAre("init", "run", "plan", "backfill", "validate", "runs list", "runs show", "check", "test",
                          "clean-staged", "expire", "quarantine list", "quarantine show", "quarantine replay", "tables",
                          "history", "show", "diff", "restore", "optimize", "vacuum", "config show", "config check",
                          "ingest", "generate", "completions", "manual"));
}

TEST(Registry, ACommandIsOneAsLongAsItLives) {
  const size_t before = all_commands().size();
  {
    const Registered registered{toy};
    EXPECT_EQ(all_commands().size(), before + 1);
  }
  EXPECT_EQ(all_commands().size(), before);
}

}  // namespace
}  // namespace metl::cli

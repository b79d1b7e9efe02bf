// A request to stop beside the engine's beginning, work and end, on threads of their own: see the preset tsan. A
// request is for good and ends the process, so that each case has a process of its own.
#include "base/stop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "app/chosen_engine.h"
#include "app/interrupt.h"
#include "base/error.h"

namespace metl::app {
namespace {

// Works until a request to stop ends it; a signal comes once there is an engine, or before. Never returns.
[[noreturn]] void work(bool signal_first) {
  const auto ask = [] { ::kill(::getpid(), SIGTERM); };
  ExitCode code = ExitCode::kDone;
  try {
    const InterruptWatch watch;
    const stop::LastWords words([](const Error&) {});
    if (signal_first) ask();
    for (int i = 0;; ++i) {
      ChosenEngine chosen(nullptr, {}, {{.key = "engine.memory_limit", .text = "100MB", .flag = "--memory-limit"}});
      if (i == 1 && !signal_first) ask();
      chosen.get().query("SELECT count(*) AS n FROM range(100000) WHERE hash(range) % 7 = 1");
    }
  } catch (const Error& e) {
    code = e.code();
  }
  _exit(static_cast<int>(code));
}

TEST(Stop, EndsTheWorkOfAnEngineThatComesAndGoes) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(work(/*signal_first=*/false), testing::ExitedWithCode(130), "");
  EXPECT_EXIT(work(/*signal_first=*/true), testing::ExitedWithCode(130), "");
}

TEST(Stop, TimeLimitEndsTheWorkOfAnEngine) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto limited = [] {
    ExitCode code = ExitCode::kDone;
    try {
      const TimeLimit limit(std::chrono::seconds(1));
      ChosenEngine chosen(nullptr, {}, {{.key = "engine.memory_limit", .text = "100MB", .flag = "--memory-limit"}});
      for (;;) chosen.get().query("SELECT count(*) AS n FROM range(100000) WHERE hash(range) % 7 = 1");
    } catch (const Error&) {
      code = stop::reason().code();
    }
    _exit(static_cast<int>(code));
  };
  EXPECT_EXIT(limited(), testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace metl::app

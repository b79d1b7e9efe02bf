// The log is used from every thread, and set up anew by whoever tells the last words: see the preset tsan.
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace metl {
namespace {

TEST(Log, IsConfiguredWhileOthersWrite) {
  constexpr int kLines = 200;
  std::atomic<int> written = 0;
  log::configure(log::Level::kInfo, log::Format::kText, false);
  log::write_lines_with([&written](std::string_view) { ++written; });
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([thread] {
      for (int i = 0; i < kLines; ++i) {
        log::info("line {}", i);
        log::set_field("thread", std::to_string(thread));
      }
    });
  }
  threads.emplace_back([] {
    for (int i = 0; i < kLines; ++i)
      log::configure(log::Level::kInfo, i % 2 == 0 ? log::Format::kJson : log::Format::kText, false);
  });
  for (auto& thread : threads) thread.join();
  log::write_lines_with({});
  log::configure(log::Level::kInfo, log::Format::kText, false);
  EXPECT_EQ(written, 3 * kLines);
}

}  // namespace
}  // namespace metl

// interrupt() comes from another thread, whatever the engine is doing: see the preset tsan.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/error.h"
#include "engine/duckdb/duckdb_engine.h"

namespace metl::engine {
namespace {

TEST(Interrupt, ReachesAnEngineThatWorksAndThoseOfItsConfinement) {
  DuckdbEngine engine({.memory_limit = 100'000'000, .threads = 2});
  std::atomic<int> begun = 0;
  std::thread other([&] {
    while (begun < 3) std::this_thread::yield();
    engine.interrupt();
  });
  // Queries and engines come and go until the interruption is noticed: it need not fall into a query.
  try {
    for (;;) {
      engine.query("SELECT count(*) AS n FROM range(100000) WHERE hash(range) % 7 = 1");
      engine.confined({.files = {}})->query("SELECT 1 AS one");
      ++begun;
    }
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kInterrupted) << e.message();
  }
  other.join();
  EXPECT_THROW(engine.query("SELECT 1 AS one"), Error);
}

}  // namespace
}  // namespace metl::engine

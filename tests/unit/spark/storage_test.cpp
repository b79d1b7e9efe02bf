#include "engine/spark/storage.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"

namespace metl::engine {
namespace {

using std::chrono::milliseconds;
using Names = std::vector<std::string>;

// How often it looks while `seen` is what it finds, the last of it from then on.
size_t looks(const std::vector<Names>& seen) {
  size_t looked = 0;
  wait_for_killed_tasks([&] { return seen[std::min(looked++, seen.size() - 1)]; }, milliseconds(0));
  return looked;
}

// A killed task that is late makes a file again after the first were removed.
TEST(WaitForKilledTasks, LooksTenTimesMoreAfterTheLastChange) {
  EXPECT_EQ(looks({Names{}}), 11U);
  EXPECT_EQ(looks({{"a"}, {}, {}, {"b"}, {"b", "c"}, {}}), 6 + 10U);
}

// A server that died leaves its files: they do not change, and are removed by who asked.
TEST(WaitForKilledTasks, TakesWhatIsLeftForWhatStays) { EXPECT_EQ(looks({{"left"}}), 11U); }

TEST(WaitForKilledTasks, EndsThoughTheTasksDoNot) {
  std::vector<Names> seen;
  for (int i = 0; i < 200; ++i) seen.push_back({std::to_string(i)});
  EXPECT_EQ(looks(seen), 101U);
}

// The error of the write is the one to tell.
TEST(WaitForKilledTasks, GivesUpWhereNothingCanBeListed) {
  EXPECT_NO_THROW(wait_for_killed_tasks([]() -> Names { throw Error(Cause::kFailed, "no store"); }, milliseconds(0)));
}

}  // namespace
}  // namespace metl::engine

#include "storage/store.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "../scratch.h"

namespace metl::storage {
namespace {

using StoreTest = ScratchTest;

// As runs of one partition do side by side: one lists it while another removes what it had staged there.
TEST_F(StoreTest, FilesThatGoWhileTheyAreListedAreNoError) {
  std::ofstream(folder_ + "/stays") << "rows";
  std::atomic<bool> done = false;
  std::thread other([&] {
    for (int i = 0; !done; ++i) {
      const std::string path = folder_ + "/goes-" + std::to_string(i % 50);
      std::ofstream(path) << i;
      std::filesystem::remove(path);
    }
  });
  for (int i = 0; i < 3000; ++i) {
    std::vector<StoredFile> found;
    EXPECT_NO_THROW(found = list_files(folder_, i % 2 == 0));
    EXPECT_EQ(std::count_if(found.begin(), found.end(), [&](const auto& f) { return f.path == folder_ + "/stays"; }),
              1);
    if (HasFailure()) break;
  }
  done = true;
  other.join();
}

}  // namespace
}  // namespace metl::storage

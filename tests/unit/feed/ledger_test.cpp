#include "feed/ledger.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "../scratch.h"
#include "base/error.h"

namespace metl::feed {
namespace {

namespace fs = std::filesystem;
const kafka::Partition kPartition{"orders", 3};

class LedgerTest : public ScratchTest {
 protected:
  // An intent whose file is staged.
  Intent staged(const Ledger& ledger, int64_t first, int64_t next) {
    const std::string name = std::to_string(first);
    std::ofstream(ledger.stage() + "/" + name) << "events from " << first;
    return {.partition = kPartition,
            .first = first,
            .next = next,
            .rows = next - first,
            .rejected = 0,
            .stage = ledger.stage_name(),
            .files = {{name, "2021/01/01/orders-3-" + name + ".parquet", next - first}}};
  }

  fs::path record(const std::string& name) const { return fs::path(folder_) / "_feed/topics/orders/3" / name; }
  fs::path file(int64_t first) const {
    return fs::path(folder_) / ("2021/01/01/orders-3-" + std::to_string(first) + ".parquet");
  }
};

TEST_F(LedgerTest, APartitionIsReadOnWhereItsFilesEnd) {
  Ledger ledger(folder_);
  EXPECT_EQ(ledger.position(kPartition), std::nullopt);
  ledger.publish(staged(ledger, 0, 9));
  ledger.publish(staged(ledger, 9, 100));
  EXPECT_EQ(ledger.position(kPartition), 100);
  EXPECT_TRUE(fs::exists(file(0)) && fs::exists(file(9)));
  EXPECT_TRUE(fs::is_empty(ledger.stage()));
  EXPECT_EQ(Ledger(folder_).position({"orders", 4}), std::nullopt);
}

TEST_F(LedgerTest, OnlyOneCanWriteAStretch) {
  Ledger first(folder_), second(folder_);
  first.publish(staged(first, 0, 9));
  try {
    second.publish(staged(second, 0, 5));
    FAIL() << "it was published twice";
  } catch (const Error& e) {
    EXPECT_EQ(e.cause(), Cause::kConflict);
  }
  EXPECT_EQ(Ledger(folder_).position(kPartition), 9);
  EXPECT_TRUE(fs::is_empty(second.stage()));
}

// What a kill leaves: an intent without its offsets record, whose files have no name, or have theirs already.
TEST_F(LedgerTest, AnIntentIsCompletedWithItsOwnFiles) {
  std::string stage;
  {
    Ledger dead(folder_);
    const Intent intent = staged(dead, 0, 9);
    stage = dead.stage();
    dead.publish(intent);
    std::ofstream(stage + "/0") << "events from 0";
  }
  fs::remove(record("00000000000000000000.offsets.json"));
  fs::remove(file(0));
  Ledger next(folder_);
  EXPECT_TRUE(fs::exists(stage)) << "an intent needs it";
  EXPECT_EQ(next.position(kPartition), 9);
  EXPECT_TRUE(fs::exists(file(0)));
  // Killed behind the name.
  fs::remove(record("00000000000000000000.offsets.json"));
  EXPECT_EQ(Ledger(folder_).position(kPartition), 9);
  const Ledger later(folder_);
  EXPECT_FALSE(fs::exists(stage)) << "nothing needs it";
}

TEST_F(LedgerTest, AFileThatSomebodyTookIsAnError) {
  {
    Ledger dead(folder_);
    dead.publish(staged(dead, 0, 9));
  }
  fs::remove(record("00000000000000000000.offsets.json"));
  fs::remove(file(0));
  try {
    Ledger(folder_).position(kPartition);
    FAIL() << "its events are in no file";
  } catch (const Error& e) {
    EXPECT_EQ(e.cause(), Cause::kNotFound);
    EXPECT_THAT(e.message(), testing::HasSubstr("offsets 0 to 8"));
  }
}

TEST_F(LedgerTest, AFileOfAnotherIsNotReplaced) {
  fs::create_directories(file(0).parent_path());
  std::ofstream(file(0)) << "another's";
  Ledger ledger(folder_);
  EXPECT_THROW(ledger.publish(staged(ledger, 0, 9)), Error);
  std::string text;
  std::getline(std::ifstream(file(0)), text);
  EXPECT_EQ(text, "another's");
}

TEST_F(LedgerTest, TheStageOfTheLivingStaysAndThatOfTheDeadGoes) {
  Ledger living(folder_);
  std::ofstream(living.stage() + "/0") << "events";
  const fs::path dead = fs::path(folder_) / "_feed/staged/0123456789abcdef";
  fs::create_directories(dead);
  std::ofstream(dead / "0") << "events";
  const Ledger next(folder_);
  EXPECT_TRUE(fs::exists(living.stage() + "/0"));
  EXPECT_FALSE(fs::exists(dead));
}

TEST_F(LedgerTest, WhatIsNoRecordIsAnError) {
  Ledger ledger(folder_);
  fs::create_directories(record("").parent_path());
  for (const char* text : {"", "{}", "[1", R"({"version": 2})"}) {
    std::ofstream(record("00000000000000000000.intent.json")) << text;
    EXPECT_THROW(ledger.position(kPartition), Error) << text;
  }
}

}  // namespace
}  // namespace metl::feed

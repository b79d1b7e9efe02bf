// What clean-up takes, and what it never takes: hostile leases, links, what the snapshot names, other runs' files.
#include "table/removal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "../scratch.h"
#include "base/descriptor.h"
#include "base/error.h"
#include "base/owner.h"
#include "pipeline/staging_area.h"
#include "table/lease_format.h"

namespace metl::pipeline {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kRun = "20210101T000000-aaaaaaaa";
constexpr const char* kOther = "20210101T000000-bbbbbbbb";
constexpr const char* kDay = "run_date=2021-01-01";

class RemovalTest : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    root_ = folder_ + "/table";
    fs::create_directories(root_ + "/" + kDay);
  }

  std::string put(const std::string& below) const {
    const fs::path path = root_ + "/" + below;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "rowsPAR1";
    return path;
  }

  static std::string part(const std::string& run, const std::string& rest = "-00000.snappy.parquet") {
    return fmt::format("{}/part-{}{}", kDay, run, rest);
  }

  // Everything below the test's folder, links as such.
  std::set<std::string> all() const {
    std::set<std::string> out;
    for (const auto& entry : fs::recursive_directory_iterator(folder_))
      out.insert(entry.path().lexically_relative(folder_));
    return out;
  }

  // A lease of a process that has ended, whose file nobody holds.
  void put_marker(const std::string& text, const std::string& run = kRun) const {
    fs::create_directories(table::lease_folder(root_));
    std::ofstream(table::lease_path(root_, run)) << text;
  }
  static std::string dead_marker(const std::string& run = kRun, const std::string& partition = kDay,
                                 int64_t base_version = -1) {
    const Owner here = this_process();
    return fmt::format(R"({{"run_id":"{}","partition":"{}","base_version":{},"machine":"{}","pid":{},"started":"{}"}})",
                       run, partition, base_version, here.machine, here.process, here.started + "0");
  }

  std::string root_;
};

TEST_F(RemovalTest, TakesTheRunsFilesAndNothingElse) {
  put(part(kRun));
  put(part(kRun, "-00001.zstd.parquet"));
  put(part(kRun, "/part-00000-uuid.c000.snappy.parquet"));
  put(part(kRun, "/_temporary/0/part.parquet"));
  const std::set<std::string> others{put(part(kOther)),
                                     put(part(std::string(kRun) + "-compact")),
                                     put(part(kRun, "") + ".parquet"),
                                     put(part(kRun, "-x.parquet")),
                                     put(fmt::format("{}/x-part-{}-0.parquet", kDay, kRun)),
                                     put(fmt::format("run_date=2021-01-02/part-{}-00000.snappy.parquet", kRun))};
  const table::Removal removal(root_, {kRun, kDay, -1}, nullptr);
  EXPECT_THAT(removal.files(), SizeIs(4));
  EXPECT_TRUE(removal.remove());
  EXPECT_THAT(removal.files(), IsEmpty());
  EXPECT_FALSE(fs::exists(root_ + "/" + part(kRun, "")));
  for (const auto& path : others) EXPECT_TRUE(fs::exists(path)) << path;
}

TEST_F(RemovalTest, NeitherFollowsNorRemovesLinks) {
  const std::string precious = put("precious/" + std::string("part-") + kRun + "-00000.snappy.parquet");
  fs::create_symlink(precious, root_ + "/" + part(kRun));
  fs::create_directories(root_ + "/" + part(kRun, ""));
  fs::create_symlink(root_ + "/precious", root_ + "/" + part(kRun, "/inside"));
  EXPECT_FALSE(table::Removal(root_, {kRun, kDay, -1}, nullptr).remove()) << "something is left";
  EXPECT_TRUE(fs::exists(precious));
  EXPECT_TRUE(fs::is_symlink(root_ + "/" + part(kRun)));
  EXPECT_TRUE(fs::is_symlink(root_ + "/" + part(kRun, "/inside")));

  fs::create_symlink(root_ + "/precious", root_ + "/run_date=2021-01-09");
  EXPECT_FALSE(table::Removal(root_, {kRun, "run_date=2021-01-09", -1}, nullptr).remove());
  EXPECT_TRUE(fs::exists(precious));
  EXPECT_TRUE(fs::is_symlink(root_ + "/run_date=2021-01-09"));
}

TEST_F(RemovalTest, ATablesFolderMayBeALinkAndStaysOne) {
  put(part(kRun));
  fs::rename(root_, folder_ + "/disk");
  fs::create_symlink(folder_ + "/disk", root_);
  { const StagingArea area(root_, kDay, kOther, -1); }
  EXPECT_TRUE(fs::is_symlink(root_));
  EXPECT_TRUE(table::Removal(root_, {kRun, kDay, -1}, nullptr).remove());
  EXPECT_FALSE(fs::exists(folder_ + "/disk/" + part(kRun)));
  EXPECT_TRUE(fs::is_symlink(root_));
}

TEST_F(RemovalTest, WhatTheSnapshotNamesIsNeverTaken) {
  const auto table = table::Table::create(
      root_,
      {{{"id", *parse_type("bigint"), true, ""}, {"run_date", *parse_type("string"), true, ""}}, {"run_date"}, {}});
  const std::string live = put(part(kRun)), dropped = put(part(kRun, "-00001.snappy.parquet"));
  table::Change change;
  change.partitions = {{{{"run_date", "2021-01-01"}}, {}}};
  change.partitions[0].add = {{part(kRun), 8, 1, 0, "", false, {}}};
  change.run_id = "somebody else's";
  change.operation = "WRITE";
  ASSERT_EQ(table.commit(change).kind, table::CommitOutcome::Kind::kCommitted);
  const auto now = table::Table::open(root_);
  const table::Removal removal(root_, {kRun, kDay, -1}, &*now);
  EXPECT_TRUE(removal.is_live());
  EXPECT_TRUE(removal.remove());
  EXPECT_TRUE(fs::exists(live));
  EXPECT_FALSE(fs::exists(dropped));

  // And so a lease that says otherwise takes nothing: the run was published, whatever the log still says.
  put_marker(dead_marker());
  const auto dead = remove_dead_runs(root_);
  ASSERT_THAT(dead, SizeIs(1));
  EXPECT_TRUE(dead[0].committed);
  EXPECT_TRUE(fs::exists(live));
}

TEST_F(RemovalTest, ALogWithAGapDoesNotSayThatARunWasNotPublished) {
  const auto table = table::Table::create(
      root_,
      {{{"id", *parse_type("bigint"), true, ""}, {"run_date", *parse_type("string"), true, ""}}, {"run_date"}, {}});
  for (int version = 1; version <= 3; ++version) table::Table::open(root_)->fence();
  table::Table::open(root_)->checkpoint();
  fs::remove(root_ + "/_delta_log/00000000000000000002.json");
  const std::string staged = put(part(kRun));
  put_marker(dead_marker(kRun, kDay, 1));
  auto dead = remove_dead_runs(root_);
  ASSERT_THAT(dead, SizeIs(1));
  EXPECT_TRUE(dead[0].unknown);
  EXPECT_TRUE(fs::exists(staged));
  EXPECT_TRUE(fs::exists(table::lease_path(root_, kRun))) << "by it the files are found again";

  put_marker(dead_marker(kRun, kDay, 2));  // since then the log is whole
  dead = remove_dead_runs(root_);
  ASSERT_THAT(dead, SizeIs(1));
  EXPECT_FALSE(dead[0].unknown);
  EXPECT_FALSE(fs::exists(staged));
}

TEST_F(RemovalTest, WithoutItsLogATableThatWasThereLosesNothing) {
  const std::string staged = put(part(kRun));
  put_marker(dead_marker(kRun, kDay, 7));
  EXPECT_TRUE(remove_dead_runs(root_).at(0).unknown);
  EXPECT_TRUE(fs::exists(staged));
}

TEST_F(RemovalTest, HostileMarkersAreLeftAloneWithAllThatTheyName) {
  put("precious/part-" + std::string(kRun) + "-00000.snappy.parquet");
  put("_delta_log/part-" + std::string(kRun) + "-00000.snappy.parquet");
  fs::create_directories(folder_ + "/precious");
  std::ofstream(folder_ + "/precious/part-" + std::string(kRun) + "-0.parquet") << "x";
  const auto refused = [&](const std::string& text, const std::string& name = kRun) {
    put_marker(text, name);
    const auto before = all();
    EXPECT_THAT(remove_dead_runs(root_, std::chrono::seconds(0)), IsEmpty()) << text;
    EXPECT_EQ(all(), before) << text;
    fs::remove(table::lease_path(root_, name));
  };
  for (const char* partition :
       {"", ".", "..", "../precious", "../../precious", "precious", "_delta_log", "/tmp",
        "run_date=2021-01-01/../precious", "run_date=2021-01-01/", "run_date=", "=x", "a=b//c=d"})
    refused(dead_marker(kRun, partition));
  refused(dead_marker(kOther));            // another run's than its name says
  refused(dead_marker("part-"), "part-");  // no run's id
  refused(dead_marker(""), "");
  refused(dead_marker("2021"), "2021");
  refused("");
  refused("{");
  refused("[]");
  refused(R"({"run_id": 5, "partition": [], "base_version": "x", "pid": {}})");
  refused(dead_marker() + std::string(table::Lease::kMostBytes, ' '));
}

TEST_F(RemovalTest, WhatOnlyHasTheNameOfAMarkerHangsNobody) {
  fs::create_directories(table::lease_folder(root_));
  ASSERT_EQ(::mkfifo(table::lease_path(root_, kRun).c_str(), 0600), 0);
  fs::create_directories(table::lease_path(root_, kOther) + "/inside");
  const std::string linked = table::lease_path(root_, "20210101T000000-cccccccc");
  std::ofstream(folder_ + "/victim") << dead_marker("20210101T000000-cccccccc");
  fs::create_symlink(folder_ + "/victim", linked);
  const std::string staged = put(part("20210101T000000-cccccccc"));
  const auto before = all();
  EXPECT_THAT(remove_dead_runs(root_, std::chrono::seconds(0)), IsEmpty());
  EXPECT_EQ(all(), before);
  { const StagingArea area(root_, kDay, "20210101T000000-dddddddd", -1); }
  EXPECT_EQ(all(), before) << "nor does a run beside them";
}

TEST_F(RemovalTest, AFolderOfMarkersThatIsALinkIsNotFollowed) {
  fs::create_directories(folder_ + "/elsewhere");
  std::ofstream(folder_ + "/elsewhere/" + std::string(kRun) + ".json") << dead_marker();
  fs::create_symlink(folder_ + "/elsewhere", table::lease_folder(root_));
  put(part(kRun));
  const auto before = all();
  EXPECT_THAT(remove_dead_runs(root_, std::chrono::seconds(0)), IsEmpty());
  EXPECT_EQ(all(), before);
}

// As on a network mount that does not share its locks: no lock tells that the run lives.
TEST_F(RemovalTest, AMarkerOfAnotherMachineIsDeadOnlyWhenItWasNotTouchedForLong) {
  const std::string staged = put(part(kRun));
  put_marker(fmt::format(R"({{"run_id":"{}","partition":"{}","base_version":-1,"machine":"there/pid:[1]","pid":1,)"
                         R"("started":"1"}})",
                         kRun, kDay));
  EXPECT_THAT(remove_dead_runs(root_), IsEmpty());
  EXPECT_TRUE(fs::exists(staged));
  fs::last_write_time(table::lease_path(root_, kRun), fs::file_time_type::clock::now() - 2 * table::Lease::kStale);
  EXPECT_THAT(remove_dead_runs(root_, table::Lease::kStale, /*dry_run=*/true), SizeIs(1));
  EXPECT_TRUE(fs::exists(staged)) << "a dry run only tells";
  EXPECT_THAT(remove_dead_runs(root_), SizeIs(1));
  EXPECT_FALSE(fs::exists(staged));
  EXPECT_FALSE(fs::exists(table::lease_folder(root_)));
}

TEST_F(RemovalTest, ALivingRunWhoseMarkerOrFileIsGoneCommitsNothing) {
  const auto code_of = [](const StagingArea& area, const engine::DataFile& file) {
    try {
      area.require_held({file});
    } catch (const Error& e) {
      return e.code();
    }
    return ExitCode::kDone;
  };
  const StagingArea area(root_, kDay, kRun, -1);
  const engine::DataFile file{put(part(kRun)), 8, 1, {}};
  EXPECT_EQ(code_of(area, file), ExitCode::kDone);
  std::ofstream(file.path, std::ios::app) << "more";
  EXPECT_EQ(code_of(area, file), ExitCode::kConflict) << "another size";
  std::ofstream(file.path) << "rowsrows";
  EXPECT_EQ(code_of(area, file), ExitCode::kConflict) << "no footer";
  fs::remove(file.path);
  EXPECT_EQ(code_of(area, file), ExitCode::kConflict) << "gone";
  put(part(kRun));
  EXPECT_EQ(code_of(area, file), ExitCode::kDone);
  fs::rename(table::lease_path(root_, kRun), folder_ + "/kept");
  put_marker(dead_marker());
  EXPECT_EQ(code_of(area, file), ExitCode::kConflict) << "another run took it for dead";
}

TEST_F(RemovalTest, FoldersThatTheRunDidNotMakeStay) {
  { const StagingArea area(root_, kDay, kRun, -1); }
  EXPECT_TRUE(fs::exists(root_ + "/" + kDay)) << "was there before";
  { const StagingArea area(root_, "run_date=2021-01-02", kRun, -1); }
  EXPECT_FALSE(fs::exists(root_ + "/run_date=2021-01-02"));
  EXPECT_FALSE(fs::exists(table::lease_folder(root_)));
  fs::remove_all(root_);
  { const StagingArea area(root_, kDay, kRun, -1); }
  EXPECT_FALSE(fs::exists(root_)) << "the run made it too";
}

TEST_F(RemovalTest, DraftsOfTheDeadAreSweptAndThoseOfTheLivingStay) {
  fs::create_directories(table::lease_folder(root_));
  const std::string draft = fmt::format("{}/.{}.json.0123456789abcdef.draft", table::lease_folder(root_), kRun);
  const std::string older = fmt::format("{}/{}.draft", table::lease_folder(root_), kRun);
  std::ofstream(draft) << "half";
  std::ofstream(older) << "half";
  fs::last_write_time(older, fs::file_time_type::clock::now() - std::chrono::hours(2));
  const std::string entry = put("_delta_log/.00000000000000000001.json.0123456789abcdef.draft");
  const std::string foreign = put("_delta_log/.00000000000000000001.json.crc");
  remove_dead_runs(root_, table::Lease::kStale, /*dry_run=*/true);
  EXPECT_TRUE(fs::exists(draft));
  {
    const files::Descriptor writer(::open(draft.c_str(), O_WRONLY));
    ASSERT_EQ(::flock(writer.get(), LOCK_EX), 0);
    remove_dead_runs(root_);
    EXPECT_TRUE(fs::exists(draft)) << "its writer lives";
  }
  remove_dead_runs(root_);
  EXPECT_FALSE(fs::exists(draft));
  EXPECT_FALSE(fs::exists(older));
  EXPECT_FALSE(fs::exists(entry));
  EXPECT_TRUE(fs::exists(foreign));
}

}  // namespace
}  // namespace metl::pipeline

// From staged files to a version of the table: two runs of one day, an unknown outcome, and what a dead run leaves.
#include "pipeline/publish.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "../full_disk.h"
#include "../scratch.h"
#include "base/error.h"
#include "engine/duckdb/duckdb_engine.h"
#include "table/lease_format.h"

namespace metl::pipeline {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A run's id of our form: of the 32 bits of chance only the last letters differ.
std::string id(const std::string& letters) { return fmt::format("20210101T000000-{:0>8}", letters); }

// Of the data files only size and end are looked at here.
class PublishTest : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    root_ = folder_ + "/table";
    pipeline_.target_columns = {{"id", *parse_type("bigint"), true, ""}, {"run_date", *parse_type("string"), true, ""}};
    pipeline_.run_date_column = "run_date";
    pipeline_.partition_columns = {"run_date"};
    agreement_ = {pipeline_.target_columns, pipeline_.partition_columns, {}, {}};
  }

  // Of a run that begins now.
  Publication publication(const std::string& run_id, bool input_unchanged = true) const {
    auto table = table::Table::open(root_);
    return {.pipeline = pipeline_,
            .agreement = agreement_,
            .table_name = "default.t",
            .table_root = root_,
            .interval = {day_},
            .run_id = run_id,
            .base = table ? std::make_shared<const table::Table>(std::move(*table)) : nullptr,
            .evolve = false,
            .require_input = [input_unchanged] {
              if (!input_unchanged) throw Error(Cause::kConflict, "the raw files have changed");
            }};
  }

  std::unique_ptr<StagingArea> staging(const std::string& run_id) const {
    return std::make_unique<StagingArea>(root_, staging_folder(pipeline_, {day_}, run_id), run_id, -1);
  }

  static engine::DataFile stage(const StagingArea& area) {
    const std::string path = fmt::format("{}/{}-0.parquet", area.folder(), area.name_prefix());
    std::ofstream(path) << "rowsPAR1";
    return {path, 8, 1, {}};
  }

  static Published publish(const Publication& what, StagingArea& area, const engine::DataFile& file) {
    std::optional<stop::Hold> whole;
    const auto arrange = [&](const table::Table&, int) { return Arrangement{{whole_day(what, {file})}, "{}", {}}; };
    return pipeline::publish(what, area, arrange, whole);
  }

  Published publish_run(const std::string& run_id) const {
    const auto area = staging(run_id);
    return publish(publication(run_id), *area, stage(*area));
  }

  static std::string name_of(const std::string& letters) { return fmt::format("part-{}-0.parquet", id(letters)); }

  // Names of the partition's files, live or not.
  std::vector<std::string> on_disk() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_ + "/" + staging_folder(pipeline_, {day_}, "")))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::vector<table::File> live() const { return table::Table::open(root_)->files({{"run_date", day_.iso()}}); }
  bool has_marker(const std::string& run_id) const { return fs::exists(table::lease_path(root_, run_id)); }

  std::string root_;
  Definition pipeline_;
  Agreement agreement_;
  Date day_ = Date::parse("2021-01-01");
};

// Publishes the day by so many runs that begin at the same moment; how each ended: "" or the error.
class TogetherTest : public PublishTest {
 protected:
  std::vector<std::string> publish_together(int runs, bool input_unchanged) {
    const int first = started_;
    started_ += runs;
    std::vector<std::string> errors(runs);
    std::atomic<int> waiting = runs;
    std::vector<std::thread> threads;
    for (int i = 0; i < runs; ++i) {
      threads.emplace_back([&, i] {
        const std::string run_id = id(fmt::format("{}", first + i));
        const Publication what = publication(run_id, input_unchanged);
        const auto area = staging(run_id);
        const auto file = stage(*area);
        for (--waiting; waiting > 0;) std::this_thread::yield();
        try {
          publish(what, *area, file);
        } catch (const Error& e) {
          errors[i] = fmt::format("{}: {}", static_cast<int>(e.code()), e.message());
        }
      });
    }
    for (auto& thread : threads) thread.join();
    return errors;
  }

  int started_ = 0;
};

TEST_F(PublishTest, ATableThatWasRemovedOrMadeAnewMeanwhileGetsNothing) {
  publish_run(id("aaaa"));
  for (const bool anew : {false, true}) {
    const Publication what = publication(id("bbbb"));
    const auto area = staging(id("bbbb"));
    const auto file = stage(*area);
    fs::remove_all(root_ + "/_delta_log");
    if (anew) table::Table::create(root_, table_spec(pipeline_));
    try {
      publish(what, *area, file);
      FAIL();
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kConflict);
      EXPECT_THAT(e.message(), HasSubstr(anew ? "was dropped and made again" : "was removed"));
    }
    EXPECT_EQ(fs::exists(root_ + "/_delta_log"), anew);
    if (anew) {
      EXPECT_EQ(table::Table::open(root_)->version(), 0U);
    } else {
      table::Table::create(root_, table_spec(pipeline_));
    }
  }
}

TEST_F(PublishTest, CheckpointsAreWrittenByDistanceWhateverTheVersions) {
  pipeline_.properties = {{"delta.checkpointInterval", "3"}};
  const auto checkpoints = [&] {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_ + "/_delta_log")) {
      const std::string name = entry.path().filename();
      if (name.find(".checkpoint.") != std::string::npos) names.push_back(name.substr(18, 2));
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  engine::DuckdbEngine engine{{}};
  for (int run = 0; run < 4; ++run) {
    const std::string run_id = id(fmt::format("000{}", run));
    const Published done = publish_run(run_id);
    table::Table::open(root_)->fence();  // a version of somebody else's after each of ours
    upkeep(engine, publication(run_id), {}, done, 1);
  }
  // Versions 1, 3, 5, 7 are ours. 2 was too near to the beginning; each checkpoint is of the newest version then.
  EXPECT_THAT(checkpoints(), ElementsAre("04", "08"));
}

TEST_F(TogetherTest, RunsOfOneDayAllSucceedWhileTheInputIsUnchanged) {
  publish_run(id("aaaa"));
  // Of those that try for a version one wins, so the last of five wins its fifth attempt at the latest.
  for (int round = 0; round < 5; ++round) {
    EXPECT_THAT(publish_together(5, true), testing::Each("")) << "round " << round;
    EXPECT_THAT(live(), SizeIs(1));
  }
}

TEST_F(TogetherTest, ARunWhoseInputChangedReportsAConflictAndLeavesNothing) {
  publish_run(id("aaaa"));
  const auto before = on_disk();
  EXPECT_THAT(publish_together(5, false), testing::Each("75: the raw files have changed"));
  EXPECT_EQ(on_disk(), before);
}

TEST_F(PublishTest, ARunThatFailsLeavesTheFolderToAnother) {
  auto failing = staging(id("a"));
  auto other = staging(id("b"));
  failing.reset();
  EXPECT_TRUE(fs::is_directory(other->folder()));
  const std::string folder = other->folder();
  other.reset();
  EXPECT_FALSE(fs::exists(folder)) << "the last one takes an empty folder with it";
}

TEST_F(PublishTest, FilesOfAnUnknownOutcomeStay) {
  publish_run(id("aaaa"));
  Publication what = publication(id("bbbb"));
  publish_run(id("cccc"));
  // Just before the commit: the entry on which that builds is gone.
  what.require_input = [this] {
    fs::remove(fmt::format("{}/_delta_log/{:020}.json", root_, table::Table::open(root_)->version()));
  };
  auto area = staging(id("bbbb"));
  const auto file = stage(*area);
  try {
    publish(what, *area, file);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ExitCode::kRunFailed);
    EXPECT_THAT(e.message(), HasSubstr("it is unknown whether the commit happened"));
    EXPECT_THAT(e.hint(), HasSubstr("The staged files were kept"));
  }
  area.reset();
  EXPECT_TRUE(fs::exists(file.path));
  EXPECT_TRUE(has_marker(id("bbbb"))) << "by it the next run finds them";
}

TEST_F(PublishTest, ADeadRunThatDidNotCommitLosesItsFilesAndNothingElse) {
  publish_run(id("aaaa"));
  {
    const auto area = staging(id("dead"));
    stage(*area);
    area->abandon();  // as if killed: files and lease stay
  }
  const auto living = staging(id("cccc"));
  stage(*living);
  const auto removed = remove_dead_runs(root_);
  ASSERT_THAT(removed, SizeIs(1));
  EXPECT_EQ(removed[0].run.run_id, id("dead"));
  EXPECT_FALSE(removed[0].committed);
  EXPECT_THAT(on_disk(), ElementsAre(name_of("aaaa"), name_of("cccc")));
  EXPECT_FALSE(has_marker(id("dead")));
  EXPECT_TRUE(has_marker(id("cccc")));
}

// A server that still writes for a run keeps its folder from going. Here a mounted file system does.
TEST_F(PublishTest, AStagedFolderThatCannotGoKeepsItsMarker) {
  if (::geteuid() != 0) GTEST_SKIP() << "LOUD: only root can mount; a folder that cannot be removed was not tested";
  auto area = staging(id("dead"));
  const std::string folder = area->folder() + "/part-" + id("dead");
  fs::create_directory(folder);
  ASSERT_EQ(::mount("tmpfs", folder.c_str(), "tmpfs", 0, nullptr), 0);
  area.reset();
  EXPECT_TRUE(has_marker(id("dead"))) << "of a run that ends";
  EXPECT_THAT(remove_dead_runs(root_), SizeIs(1));
  EXPECT_TRUE(has_marker(id("dead"))) << "of a dead run, and it stops no other run";
  ASSERT_EQ(::umount(folder.c_str()), 0);
  EXPECT_THAT(remove_dead_runs(root_), SizeIs(1));
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_FALSE(has_marker(id("dead")));
}

TEST_F(PublishTest, ADeadRunThatCommittedKeepsItsFiles) {
  {
    const auto area = staging(id("dead"));
    publish(publication(id("dead")), *area, stage(*area));
    area->abandon();  // as if killed behind the commit
  }
  const auto removed = remove_dead_runs(root_);
  ASSERT_THAT(removed, SizeIs(1));
  EXPECT_TRUE(removed[0].committed);
  EXPECT_THAT(removed[0].files, IsEmpty());
  EXPECT_THAT(on_disk(), ElementsAre(name_of("dead")));
  EXPECT_FALSE(has_marker(id("dead")));
}

}  // namespace
}  // namespace metl::pipeline

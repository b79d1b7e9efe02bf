#include "quality/history/file_history.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <thread>

#include "base/error.h"

namespace metl::quality {
namespace {

namespace fs = std::filesystem;
using std::chrono::days;

const DataTime kDay0 = std::chrono::sys_days(std::chrono::year(2021) / 1 / 1);
const std::string kKey = R"({"dataset":"movies","metric":"row_count"})";

class FileHistoryTest : public ::testing::Test {
 protected:
  FileHistoryTest() { fs::remove_all(folder_); }
  ~FileHistoryTest() override { fs::remove_all(folder_); }

  void write(const std::string& text) const {
    fs::create_directories(file_.parent_path());
    std::ofstream(file_, std::ios::binary) << text;
  }
  std::string text() const {
    std::ostringstream out;
    out << std::ifstream(file_).rdbuf();
    return out.str();
  }
  std::string error() const {
    try {
      FileHistory(local_text_file(file_)).earlier(kKey, kDay0);
    } catch (const Error& e) {
      return e.message() + " | " + e.hint();
    }
    return "";
  }
  std::vector<double> numbers(DataTime before, const std::string& key = kKey) const {
    std::vector<double> out;
    for (const auto& record : FileHistory(local_text_file(file_)).earlier(key, before))
      out.push_back(as_number(number_of(record.value).value_or(Value{})).value_or(-1));
    return out;
  }

  fs::path folder_ = fs::temp_directory_path() / ("metl-history-" + std::to_string(::getpid()));
  fs::path file_ = folder_ / "deep" / "history.jsonl";
};

TEST_F(FileHistoryTest, KeepsEveryKindOfValue) {
  const std::vector<HistoryRecord> records = {
      {kKey, kDay0, 0.1 + 0.2},
      {R"({"metric":"sum"})", kDay0, int64_t{9007199254740993}},
      {R"({"metric":"max"})", kDay0, std::numeric_limits<int64_t>::min()},
      {R"({"metric":"groups"})", kDay0, MeasuredGroups{"it's", "a \"group\"\n"}},
      {R"({"metric":"schema"})", kDay0, MeasuredColumns{{"id", "bigint"}, {"a b", "array<struct<x:int>>"}}}};
  FileHistory history(local_text_file(file_));
  EXPECT_TRUE(history.earlier(kKey, kDay0 + days(1)).empty()) << "there is no file yet";
  history.add(records);
  for (const auto& record : records) {
    EXPECT_EQ(history.earlier(record.key, kDay0 + days(1)), std::vector{record}) << "what it wrote itself";
    EXPECT_EQ(FileHistory(local_text_file(file_)).earlier(record.key, kDay0 + days(1)), std::vector{record});
    EXPECT_TRUE(FileHistory(local_text_file(file_)).earlier(record.key, kDay0).empty())
        << "the same time is not earlier";
  }
  EXPECT_NE(text().find(R"("time":"2021-01-01T00:00:00.000Z","value":0.30000000000000004})"), std::string::npos)
      << text();
}

TEST_F(FileHistoryTest, WholeNumbersAsEarlierVersionsWroteThem) {
  write("{\"key\":" + kKey + ",\"time\":\"2021-01-01T00:00:00.000Z\",\"value\":45433.0}\n");
  EXPECT_EQ(numbers(kDay0 + days(1)), std::vector{45433.0});
}

TEST_F(FileHistoryTest, ARerunReplacesAndABackfillComesBefore) {
  FileHistory history(local_text_file(file_));
  history.add({{kKey, kDay0 + days(2), 30.0}});
  history.add({{kKey, kDay0 + days(3), 40.0}});
  history.add({{kKey, kDay0, 10.0}});
  history.add({{kKey, kDay0 + days(2), 31.0}});
  EXPECT_EQ(numbers(kDay0 + days(9)), (std::vector{10.0, 31.0, 40.0}));
  EXPECT_EQ(numbers(kDay0 + days(1)), std::vector{10.0}) << "what comes later is not a baseline of a backfilled day";
}

TEST_F(FileHistoryTest, IsBoundedForEachKeyAndInAll) {
  std::vector<HistoryRecord> records;
  for (size_t i = 0; i < FileHistory::kKeptOfKey + 5; ++i)
    records.push_back({kKey, kDay0 + days(static_cast<int>(i)), static_cast<double>(i)});
  FileHistory(local_text_file(file_)).add(records);
  const auto kept = numbers(kDay0 + days(10'000));
  ASSERT_EQ(kept.size(), FileHistory::kKeptOfKey);
  EXPECT_EQ(kept.front(), 5);

  records.clear();
  for (int i = 0; i < static_cast<int>(FileHistory::kKept); ++i)
    records.push_back({"{\"n\":" + std::to_string(i) + "}", kDay0 + days(2000), 1.0});
  FileHistory(local_text_file(file_)).add(records);
  EXPECT_TRUE(numbers(kDay0 + days(1999)).empty()) << "the oldest make room";
  EXPECT_EQ(numbers(kDay0 + days(2001), R"({"n":7})"), std::vector{1.0});
}

TEST_F(FileHistoryTest, ATornLastLineIsIgnoredAndOverwritten) {
  FileHistory(local_text_file(file_)).add({{kKey, kDay0, 1.0}});
  const std::string whole = text();
  write(whole + whole.substr(0, whole.size() / 2));
  EXPECT_EQ(numbers(kDay0 + days(1)), std::vector{1.0});
  FileHistory(local_text_file(file_)).add({{kKey, kDay0 + days(1), 2.0}});
  EXPECT_EQ(numbers(kDay0 + days(2)), (std::vector{1.0, 2.0}));
  EXPECT_EQ(text().substr(0, whole.size()), whole);
  write(whole.substr(0, whole.size() - 1));
  EXPECT_EQ(numbers(kDay0 + days(1)), std::vector{1.0}) << "a whole record without its newline counts";
}

TEST_F(FileHistoryTest, ACorruptFileIsAnErrorAndStaysAsItIs) {
  FileHistory(local_text_file(file_)).add({{kKey, kDay0, 1.0}});
  const std::string good = text();
  for (const std::string bad :
       {"not JSON", "[1]", R"({"key":"text","time":"2021-01-01","value":1})", R"({"key":{},"time":"soon","value":1})",
        R"({"key":{},"time":"2021-01-01"})", R"({"key":{},"time":"2021-01-01","value":null})",
        R"({"key":{},"time":"2021-01-01","groups":[1]})"}) {
    const std::string content = good + bad + "\n" + good;
    write(content);
    EXPECT_EQ(error(), file_.string() +
                           ":2: this is not a record of the history of measurements | Correct or remove the line; to "
                           "start a new history, move the file away.")
        << bad;
    EXPECT_THROW(FileHistory(local_text_file(file_)).add({{kKey, kDay0, 2.0}}), Error);
    EXPECT_EQ(text(), content);
  }
  fs::remove(file_);
  fs::create_directory(file_);
  EXPECT_EQ(error(), "cannot read " + file_.string() +
                         ": it is not a regular file | Check that it is a file that this user may read.");
}

TEST_F(FileHistoryTest, ParallelProcessesAndThreadsLoseNothing) {
  constexpr int kWriters = 4;
  constexpr int kEach = 12;
  const auto write_some = [&](int writer) {
    for (int i = 0; i < kEach; ++i)
      FileHistory(local_text_file(file_)).add({{kKey, kDay0 + days(writer * kEach + i), static_cast<double>(writer)}});
  };
  std::vector<pid_t> children;
  for (int writer = 0; writer < kWriters; ++writer) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      int failed = 0;
      try {
        write_some(writer);
      } catch (...) {
        failed = 1;
      }
      ::_exit(failed);
    }
    children.push_back(child);
  }
  std::thread thread([&] { write_some(kWriters); });
  write_some(kWriters + 1);
  thread.join();
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(numbers(kDay0 + days(1000)).size(), static_cast<size_t>((kWriters + 2) * kEach));
  EXPECT_EQ(std::distance(fs::directory_iterator(file_.parent_path()), fs::directory_iterator()), 2)
      << "the file and its lock: no drafts are left";
}

TEST_F(FileHistoryTest, AFolderThatCannotBeWrittenIsAnError) {
  EXPECT_THROW(FileHistory(local_text_file("/proc/nowhere/history.jsonl")).add({{kKey, kDay0, 1.0}}), Error);
}

}  // namespace
}  // namespace metl::quality

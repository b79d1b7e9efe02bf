// Files and drafts: links are never followed or removed, a draft tells whether its writer lives.
#include "base/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/draft.h"
#include "base/owner.h"

namespace metl::files {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FilesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "files_XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string error_of(const auto& act) {
    try {
      act();
    } catch (const Error& e) {
      return e.message();
    }
    return "";
  }
  static mode_t rights(const fs::path& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder_)) out.push_back(entry.path().filename());
    return out;
  }

  fs::path folder_;
};

// As runs do side by side: one makes the folder that another, which ends, takes away while it is empty.
TEST_F(FilesTest, AFolderThatGoesWhileItIsMadeIsMadeAgain) {
  const fs::path folder = folder_ / "_staging";
  std::atomic<bool> done = false;
  std::thread taking([&] {
    while (!done) ::rmdir(folder.c_str());
  });
  const auto make = [&] {
    for (int i = 0; i < 3000; ++i) EXPECT_EQ(error_of([&] { create_folders(folder); }), "");
  };
  std::thread making(make);
  make();
  making.join();
  done = true;
  taking.join();
  std::ofstream(folder_ / "file") << "none";
  EXPECT_THAT(error_of([&] { create_folders(folder_ / "file" / "below"); }), HasSubstr("Not a directory"));
}

TEST_F(FilesTest, AWrittenFileReplacesALinkInsteadOfWritingThroughIt) {
  std::ofstream(folder_ / "victim") << "keep";
  fs::create_symlink(folder_ / "victim", folder_ / "file");
  write(folder_ / "file", "new");
  EXPECT_EQ(read(folder_ / "victim"), "keep");
  EXPECT_EQ(read(folder_ / "file"), "new");
  EXPECT_THAT(names(), SizeIs(2)) << "no draft is left";
}

TEST_F(FilesTest, RightsAreThoseThatAreAskedForWhateverTheUmask) {
  const mode_t before = ::umask(077);
  write(folder_ / "shared", "x", 0664);
  ::umask(0);
  write(folder_ / "private", "x", kPrivate);
  ::umask(before);
  EXPECT_EQ(rights(folder_ / "shared"), mode_t{0664});
  EXPECT_EQ(rights(folder_ / "private"), kPrivate);
}

TEST_F(FilesTest, OnlyRegularFilesAreReadOrLocked) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  fs::create_symlink(folder_ / "file", folder_ / "link");
  std::ofstream(folder_ / "file") << "text";
  EXPECT_THAT(error_of([&] { read(folder_ / "pipe"); }), HasSubstr("it is not a regular file"));
  EXPECT_THAT(error_of([&] { read(folder_); }), HasSubstr("it is not a regular file"));
  EXPECT_THAT(error_of([&] { const Lock lock(folder_ / "pipe"); }), HasSubstr("it is not a regular file"));
  EXPECT_THAT(error_of([&] { const Lock lock(folder_ / "link"); }), HasSubstr("cannot lock"));
  EXPECT_EQ(read(folder_ / "link"), "text");
  EXPECT_THAT(error_of([&] { read(folder_ / "link", Links::kRefused); }), HasSubstr("is a link"));
  EXPECT_EQ(read(folder_ / "absent"), std::nullopt);
}

TEST_F(FilesTest, EmptyFoldersGoButLinksToThemStay) {
  fs::create_directories(folder_ / "a/b");
  fs::create_directory_symlink(folder_ / "a/b", folder_ / "link");
  remove_empty_folders(folder_ / "link", folder_);
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  remove_empty_folders(folder_ / "a/b", folder_);
  EXPECT_FALSE(fs::exists(folder_ / "a"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  EXPECT_TRUE(fs::exists(folder_));
}

TEST_F(FilesTest, ADraftThatWasSweptSaysSo) {
  auto draft = Draft::make(folder_ / "file", std::nullopt);
  ASSERT_TRUE(draft);
  draft->write("text");
  ASSERT_THAT(names(), SizeIs(1));
  EXPECT_TRUE(is_draft(names()[0])) << names()[0];
  EXPECT_THAT(sweep_drafts(folder_, false), IsEmpty()) << "its writer lives";
  fs::remove(folder_ / names()[0]);
  EXPECT_FALSE(draft->publish());
  EXPECT_FALSE(Draft::make(folder_ / "absent/file", std::nullopt));
}

TEST_F(FilesTest, OnlyDraftsOfTheDeadAreSwept) {
  for (const char* name : {".file.0123456789abcdef.draft", ".file.0123456789ABCDEF.draft", ".0123456789abcdef.draft",
                           "file.0123456789abcdef.draft", ".file.draft", ".file.12"})
    std::ofstream(folder_ / name) << "half";
  fs::create_symlink(folder_ / ".file.12", folder_ / ".link.0123456789abcdef.draft");
  fs::create_directory(folder_ / ".folder.0123456789abcdef.draft");
  EXPECT_THAT(sweep_drafts(folder_, /*dry_run=*/true), SizeIs(1));
  EXPECT_THAT(names(), SizeIs(8));
  EXPECT_THAT(sweep_drafts(folder_, false), testing::ElementsAre(folder_ / ".file.0123456789abcdef.draft"));
  EXPECT_THAT(names(), SizeIs(7));
}

TEST_F(FilesTest, AProcessOfThisMachineLivesWhileItHasItsFileOpen) {
  std::ofstream(folder_ / "file") << "text";
  const auto ended = [&](const Owner& owner, std::chrono::seconds untouched) {
    const Descriptor file(::open((folder_ / "file").c_str(), O_RDONLY | O_CLOEXEC));
    return has_surely_ended(owner, file.get(), folder_, untouched);
  };
  constexpr std::chrono::hours kLong{1};
  constexpr std::chrono::seconds kNone{0};
  Owner here = this_process();
  {
    const Descriptor held(::open((folder_ / "file").c_str(), O_RDONLY | O_CLOEXEC));  // as where locks are not shared
    EXPECT_FALSE(ended(here, kNone));
  }
  EXPECT_TRUE(ended(here, kLong)) << "a copy of the disk, or this process no longer wants it";
  here.started += "0";
  EXPECT_TRUE(ended(here, kLong)) << "a later process of the same id";
  const Owner there{"another boot/pid:[1]", 1, "1"};
  EXPECT_FALSE(ended(there, kLong));
  EXPECT_TRUE(ended(there, kNone));
}

}  // namespace
}  // namespace metl::files

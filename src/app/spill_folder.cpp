#include "app/spill_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <sstream>

#include "base/environment.h"
#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/owner.h"

namespace metl::app {
namespace {

namespace fs = std::filesystem;
using files::Descriptor;

constexpr std::string_view kPrefix = "movies-etl-";
constexpr size_t kRandom = 6;  // letters of mkdtemp
constexpr const char* kOwnerFile = ".owner";
constexpr std::chrono::hours kUntouched{24};  // of a folder whose process cannot be seen from here
constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

bool is_spill_folder(std::string_view name) {
  return name.size() == kPrefix.size() + kRandom && name.starts_with(kPrefix) &&
         std::all_of(name.begin() + kPrefix.size(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
}

fs::path temporary_folder() {
  const auto variables = process_variables();
  const auto found = variables.find("TMPDIR");
  return found == variables.end() || found->second.empty() ? "/tmp" : found->second;
}

// Whether the name leads to the folder that is held open: a sweeper may have taken it before it was locked.
bool is_in_place(const fs::path& path, const Descriptor& folder) {
  struct stat mine {
  }, found{};
  return ::fstat(folder.get(), &mine) == 0 && ::lstat(path.c_str(), &found) == 0 && mine.st_dev == found.st_dev &&
         mine.st_ino == found.st_ino;
}

void write_owner(const Descriptor& folder) {
  const Owner owner = this_process();
  const std::string text = fmt::format("{}\n{}\n{}\n", owner.machine, owner.process, owner.started);
  const Descriptor file(::openat(folder.get(), kOwnerFile, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw files::failure("write", kOwnerFile, errno);
}

Owner read_owner(const Descriptor& folder) {
  const Descriptor file(::openat(folder.get(), kOwnerFile, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  std::array<char, 1024> text{};
  const ssize_t got = file ? ::read(file.get(), text.data(), text.size()) : 0;
  std::istringstream lines(std::string(text.data(), static_cast<size_t>(std::max<ssize_t>(got, 0))));
  Owner owner;
  std::getline(lines, owner.machine);
  lines >> owner.process >> owner.started;
  return owner;
}

bool is_dead(const fs::path& path) {
  const Descriptor folder(::open(path.c_str(), kFolder));
  struct stat found {};
  if (!folder || ::fstat(folder.get(), &found) != 0) return false;
  constexpr mode_t kOthers = 077;
  if (found.st_uid != ::geteuid() || (found.st_mode & kOthers) != 0) return false;
  return has_surely_ended(read_owner(folder), folder.get(), path.string(), kUntouched, Locks::kOfThisKernel);
}

// The folders of dead processes, those only that this user made.
void sweep(const fs::path& parent) {
  std::error_code failed;
  for (fs::directory_iterator entry(parent, failed), end; !failed && entry != end; entry.increment(failed)) {
    if (!is_spill_folder(entry->path().filename().string()) || !is_dead(entry->path())) continue;
    std::error_code kept;
    fs::remove_all(entry->path(), kept);  // follows no link; nobody else can write below 0700
    if (kept) log::debug("{} is left behind: {}", entry->path().string(), kept.message());
  }
}

}  // namespace

SpillFolder::SpillFolder(const std::string& given) {
  const fs::path parent = given.empty() ? temporary_folder() : fs::path(given);
  try {
    if (!given.empty()) files::create_folders(parent);
    sweep(parent);
    do {
      std::string made = (parent / fmt::format("{}{}", kPrefix, std::string(kRandom, 'X'))).string();
      if (::mkdtemp(made.data()) == nullptr) throw files::failure("make a folder in", parent, errno);
      path_ = made;
      folder_ = Descriptor(::open(made.c_str(), kFolder));
      if (!folder_ && errno != ENOENT) throw files::failure("open", made, errno);
      ::flock(folder_.get(), LOCK_EX | LOCK_NB);
    } while (!is_in_place(path_, folder_));
    write_owner(folder_);
  } catch (const Error& e) {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
    path_.clear();
    if (!given.empty())
      throw Error(Cause::kConfiguration, fmt::format("engine.temp_directory: {}", e.message()), e.hint());
    log::warning("what does not fit into memory has no place: {}", e.message());
  }
}

SpillFolder::~SpillFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace metl::app

#include "base/owner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/descriptor.h"
#include "base/text.h"

namespace metl {
namespace {

namespace fs = std::filesystem;

std::string this_machine() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  std::error_code unknown;
  const auto processes = fs::read_symlink("/proc/self/ns/pid", unknown);
  return boot.empty() || unknown ? "" : boot + "/" + processes.string();
}

struct ProcessState {
  bool alive = false;   // not even a zombie
  std::string started;  // "" where it is hidden from this user
};

ProcessState state_of(int process) {
  std::ifstream file(fmt::format("/proc/{}/stat", process));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return {process > 0 && ::kill(process, 0) != 0 && errno == EPERM, ""};
  const auto fields = text::split(text::trim(std::string_view(text).substr(name_end + 1)), ' ');
  constexpr size_t kState = 0, kStarted = 19;  // counted behind the name: proc(5)
  if (fields.size() <= kStarted) return {};
  return {fields[kState] != "Z" && fields[kState] != "X", fields[kStarted]};
}

// Whether a process has this file open, by another descriptor than the caller's; true where that cannot be seen.
bool has_open(int process, int descriptor) {
  struct stat file {};
  ::fstat(descriptor, &file);
  const fs::path own = fmt::format("/proc/{}/fd/{}", ::getpid(), descriptor);
  std::error_code failed;
  fs::directory_iterator entry(fmt::format("/proc/{}/fd", process), failed);
  if (failed) return true;
  for (; entry != fs::directory_iterator(); entry.increment(failed)) {
    struct stat found {};
    if (entry->path() == own) continue;
    if (::stat(entry->path().c_str(), &found) == 0 && found.st_dev == file.st_dev && found.st_ino == file.st_ino)
      return true;
  }
  return static_cast<bool>(failed);
}

std::chrono::system_clock::time_point modified(const struct stat& file) {
  return std::chrono::system_clock::from_time_t(file.st_mtime);
}

// Whether two machines, as this_machine() names them, are one boot of one kernel.
bool is_same_kernel(std::string_view a, std::string_view b) {
  return !a.empty() && a.substr(0, a.find('/')) == b.substr(0, b.find('/'));
}

// Now, by the clock that is behind of this machine's and the file system's.
std::chrono::system_clock::time_point earlier_now(const std::string& folder) {
  const auto here = std::chrono::system_clock::now();
  const files::Descriptor probe(::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));  // has no name
  struct stat made {};
  return probe && ::fstat(probe.get(), &made) == 0 ? std::min(here, modified(made)) : here;
}

}  // namespace

Owner this_process() { return {this_machine(), ::getpid(), state_of(::getpid()).started}; }

bool has_ended(const Owner& owner) {
  if (owner.machine.empty() || owner.machine != this_machine()) return false;
  const ProcessState now = state_of(owner.process);
  return !now.alive || (!now.started.empty() && now.started != owner.started);
}

bool has_surely_ended(const Owner& owner, int file, const std::string& folder, std::chrono::seconds untouched,
                      Locks locks) {
  struct stat found {};
  if (::fstat(file, &found) != 0) return false;
  const bool locked = ::flock(file, LOCK_EX | LOCK_NB) == 0;
  if (!locked && errno == EWOULDBLOCK) return false;
  const std::string here = this_machine();
  if (!owner.machine.empty() && owner.machine == here) return has_ended(owner) || !has_open(owner.process, file);
  if (locked && locks == Locks::kOfThisKernel && is_same_kernel(owner.machine, here)) return true;
  return earlier_now(folder) - modified(found) >= untouched;
}

}  // namespace metl

#include "base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "base/error.h"

namespace metl::files {
namespace fs = std::filesystem;
namespace {

Error failure(std::string_view what, const fs::path& path, int number) {
  return {ExitCode::kRunFailed,
          fmt::format("cannot {} {}: {}", what, path.string(), std::generic_category().message(number)),
          number == ENOSPC || number == EDQUOT || number == EFBIG
              ? "Free some space, then run again: nothing was published."
              : "Check that the folder exists and may be written by this user."};
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, std::string_view what)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {
    if (fd_ < 0) throw failure(what, path, errno);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { ::close(fd_); }
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

void sync(const fs::path& file_or_folder) {
  const Descriptor descriptor(file_or_folder, O_RDONLY, "open");
  if (::fsync(descriptor.get()) != 0) throw failure("flush", file_or_folder, errno);
}

void create_folders(const fs::path& folder) {
  if (folder.empty() || fs::is_directory(folder)) return;
  const fs::path parent = folder.parent_path();
  if (parent != folder) create_folders(parent);
  std::error_code failed;
  fs::create_directory(folder, failed);
  if (failed || !fs::is_directory(folder))
    throw failure("create the folder", folder, failed ? failed.value() : ENOTDIR);
  if (!parent.empty()) sync(parent);
}

void write(const fs::path& file, std::string_view content) {
  const fs::path draft = file.parent_path() / fmt::format(".{}.{}", file.filename().string(), ::getpid());
  try {
    const Descriptor descriptor(draft, O_WRONLY | O_CREAT | O_TRUNC, "write");
    while (!content.empty()) {
      const ssize_t written = ::write(descriptor.get(), content.data(), content.size());
      if (written < 0 && errno != EINTR) throw failure("write", file, errno);
      if (written > 0) content.remove_prefix(static_cast<size_t>(written));
    }
    if (::fsync(descriptor.get()) != 0) throw failure("flush", file, errno);
    std::error_code failed;
    fs::rename(draft, file, failed);
    if (failed) throw failure("write", file, failed.value());
  } catch (const Error&) {
    std::error_code ignored;
    fs::remove(draft, ignored);
    throw;
  }
  sync(file.parent_path());
}

std::optional<std::string> read(const fs::path& file) {
  std::error_code unknown;
  if (!fs::exists(file, unknown) && !unknown) return std::nullopt;
  const bool folder = !unknown && fs::is_directory(file, unknown);  // one would open, and throw when it is read
  std::ifstream stream;
  std::string text;
  if (!unknown && !folder) stream.open(file);
  if (stream.is_open()) text.assign(std::istreambuf_iterator<char>(stream), {});
  if (!stream.is_open() || stream.bad()) {
    throw Error(ExitCode::kRunFailed, fmt::format("cannot read {}", file.string()),
                "Check that it is a file that this user may read.");
  }
  return text;
}

Lock::Lock(const fs::path& file) : fd_(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644)) {
  int failed = fd_ < 0 ? errno : 0;
  while (failed == 0 && ::flock(fd_, LOCK_EX) != 0) {
    if (errno != EINTR) failed = errno;
  }
  if (failed == 0) return;
  if (fd_ >= 0) ::close(fd_);
  throw failure("lock", file, failed);
}

Lock::~Lock() { ::close(fd_); }

void remove_empty_folders(fs::path folder, const fs::path& root) noexcept {
  std::error_code failed;
  while (folder != root && folder.has_relative_path()) {
    if (!fs::remove(folder, failed) && fs::exists(folder, failed)) return;
    folder = folder.parent_path();
  }
}

}  // namespace metl::files

#include "base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

#include "base/draft.h"

namespace metl::files {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::milliseconds kLockPoll{20};
constexpr size_t kMostRead = 256 << 20;  // bytes

Descriptor opened(const fs::path& path, int flags, std::string_view what) {
  Descriptor out(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  if (!out) throw failure(what, path, errno);
  return out;
}

// A regular file and nothing that only has the name of one: another could make its reader wait for ever, or stand for
// a file elsewhere.
void require_regular(const Descriptor& file, const fs::path& path) {
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) throw failure("read", path, errno);
  if (S_ISREG(found.st_mode)) return;
  throw Error(Cause::kFailed, fmt::format("cannot read {}: it is not a regular file", path.string()),
              "Check that it is a file that this user may read.");
}

// Made by root below another user's folder, it is that user's too: or what root did once would shut the user out.
void share_with_owner(const fs::path& parent, const fs::path& folder) {
  if (::geteuid() != 0) return;
  struct stat above {};
  const Descriptor made(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (made && ::stat(parent.c_str(), &above) == 0) {
    [[maybe_unused]] const int ignored = ::fchown(made.get(), above.st_uid, above.st_gid);
  }
}

}  // namespace

Error failure(std::string_view what, const fs::path& path, int number) {
  const std::string reason = std::generic_category().message(number);
  const Cause cause = cause_of_errno(number);
  const std::string_view hint = advice(cause);
  return {cause, fmt::format("cannot {} {}: {}", what, path.string(), reason),
          hint.empty() ? "Check that the folder exists and may be written by this user." : std::string(hint)};
}

void sync(const fs::path& file_or_folder) {
  const Descriptor descriptor = opened(file_or_folder, O_RDONLY | O_NONBLOCK, "open");
  if (::fsync(descriptor.get()) != 0) throw failure("flush", file_or_folder, errno);
}

void create_folders(const fs::path& folder) {
  if (folder.empty() || fs::is_directory(folder)) return;
  const fs::path parent = folder.parent_path();
  for (int attempt = 1;; ++attempt) {
    if (parent != folder) create_folders(parent);
    std::error_code failed, unknown;
    if (fs::create_directory(folder, failed)) share_with_owner(parent, folder);
    if (!failed) break;
    // A run that just ended may have taken the empty folder away, between the system's answer that it is there and a
    // look at it.
    const bool gone = fs::symlink_status(folder, unknown).type() == fs::file_type::not_found;
    const bool there = failed.value() == EEXIST;
    if (gone && (there || failed.value() == ENOENT) && attempt < kDraftAttempts) continue;
    throw failure("create the folder", folder, there ? ENOTDIR : failed.value());
  }
  if (!parent.empty()) sync(parent);
}

void write(const fs::path& file, std::string_view content, std::optional<mode_t> mode) {
  for (int attempt = 1;; ++attempt) {
    auto draft = Draft::make(file, mode);
    if (!draft) throw failure("write", file, ENOENT);
    draft->write(content);
    if (draft->publish()) break;
    if (attempt == kDraftAttempts) throw failure("write", file, ENOENT);
  }
  sync(file.parent_path());
}

std::optional<std::string> read(const fs::path& file, Links links) {
  constexpr size_t kPiece = 1 << 16;
  const int follow = links == Links::kRefused ? O_NOFOLLOW : 0;
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | follow));
  if (!descriptor && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
  if (!descriptor && errno == ELOOP && links == Links::kRefused) {
    throw Error(Cause::kFailed, fmt::format("{} is a link, which is neither followed nor replaced", file.string()),
                "Put the file itself there.");
  }
  if (!descriptor) {
    throw Error(cause_of_errno(errno),
                fmt::format("cannot read {}: {}", file.string(), std::generic_category().message(errno)),
                "Check that it is a file that this user may read.");
  }
  require_regular(descriptor, file);
  std::string text;
  for (size_t size = 0;;) {
    text.resize(size + kPiece);
    const ssize_t got = ::read(descriptor.get(), text.data() + size, kPiece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw failure("read", file, errno);
    size += static_cast<size_t>(got);
    text.resize(size);
    if (got == 0) return text;
    if (size > kMostRead) {
      throw Error(Cause::kFailed, fmt::format("cannot read {}: it is larger than {} bytes", file.string(), kMostRead),
                  "See what wrote it: no text that this program reads is that large.");
    }
  }
}

Lock::Lock(const fs::path& file, std::optional<mode_t> mode)
    : fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode.value_or(0644))) {
  if (!fd_) throw failure("lock", file, errno);
  require_regular(fd_, file);
  if (mode) ::fchmod(fd_.get(), *mode);  // whatever the umask; of another user's it stays as it is
  const auto end = std::chrono::steady_clock::now() + kLongestWait;
  while (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) throw failure("lock", file, errno);
    if (std::chrono::steady_clock::now() >= end) {
      throw Error(Cause::kFailed,
                  fmt::format("cannot lock {}: another process has held it for {} seconds", file.string(),
                              std::chrono::seconds(kLongestWait).count()),
                  fmt::format("See who holds it (fuser {}), and end that process if it hangs.", file.string()));
    }
    std::this_thread::sleep_for(kLockPoll);
  }
}

void remove_empty_folders(fs::path folder, const fs::path& root) noexcept {
  // rmdir removes folders and nothing else: a link to one stays, and so does what is mounted.
  for (; folder != root && folder.has_relative_path(); folder = folder.parent_path()) {
    if (::rmdir(folder.c_str()) != 0 && errno != ENOENT) return;
  }
}

}  // namespace metl::files

#include "base/draft.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <random>

#include "base/files.h"

namespace metl::files {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSuffix = ".draft";
constexpr size_t kDigits = 16;
constexpr std::chrono::hours kRest{1};  // of a draft that has no lock

std::string random_digits() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

bool is_dead(int folder, const char* name, bool has_lock) {
  const Descriptor file(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat found {};
  if (!file || ::fstat(file.get(), &found) != 0 || !S_ISREG(found.st_mode)) return false;
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return false;
  return has_lock || std::chrono::system_clock::now() - std::chrono::system_clock::from_time_t(found.st_mtime) > kRest;
}

}  // namespace

std::optional<Draft> Draft::make(const fs::path& target, std::optional<mode_t> mode) {
  for (;;) {
    fs::path path =
        target.parent_path() / fmt::format(".{}.{}{}", target.filename().string(), random_digits(), kSuffix);
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode.value_or(0644)));
    if (!file && errno == EEXIST) continue;
    if (!file && errno == ENOENT) return std::nullopt;
    if (!file) throw failure("write", target, errno);
    Draft draft(target, std::move(path), std::move(file));
    // Whom the file system refuses a lock writes all the same: what it leaves when it dies is all that is lost.
    ::flock(draft.file_.get(), LOCK_EX | LOCK_NB);
    if (mode && ::fchmod(draft.file_.get(), *mode) != 0) throw failure("write", target, errno);
    return draft;
  }
}

Draft::Draft(Draft&& other) noexcept
    : target_(std::move(other.target_)), path_(std::move(other.path_)), file_(std::move(other.file_)) {
  other.path_.clear();
}

Draft::~Draft() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

void Draft::write(std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(file_.get(), content.data(), content.size());
    if (written < 0 && errno != EINTR) throw failure("write", target_, errno);
    if (written > 0) content.remove_prefix(static_cast<size_t>(written));
  }
  if (::fsync(file_.get()) != 0) throw failure("flush", target_, errno);
}

bool Draft::publish() {
  if (::rename(path_.c_str(), target_.c_str()) != 0) {
    if (errno == ENOENT) return false;
    throw failure("write", target_, errno);
  }
  path_.clear();
  return true;
}

bool is_draft(std::string_view name) {
  if (!name.starts_with('.') || !name.ends_with(kSuffix)) return false;
  name.remove_suffix(kSuffix.size());
  if (name.size() < 1 + 1 + 1 + kDigits || name[name.size() - kDigits - 1] != '.') return false;
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return std::all_of(name.end() - kDigits, name.end(), is_digit);
}

std::vector<fs::path> sweep_drafts(const fs::path& folder, bool dry_run,
                                   const std::function<bool(std::string_view name)>& is_older_form) noexcept {
  std::vector<fs::path> swept;
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (opened < 0) return swept;
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(opened), ::closedir);
  if (listing == nullptr) {
    ::close(opened);
    return swept;
  }
  while (const dirent* entry = ::readdir(listing.get())) {  // NOLINT(concurrency-mt-unsafe): a stream of our own
    const bool draft = is_draft(entry->d_name);
    if (!draft && !(is_older_form && is_older_form(entry->d_name))) continue;
    if (!is_dead(opened, entry->d_name, draft)) continue;
    if (dry_run || ::unlinkat(opened, entry->d_name, 0) == 0) swept.push_back(folder / entry->d_name);
  }
  return swept;
}

}  // namespace metl::files

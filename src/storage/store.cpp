#include "storage/store.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <random>
#include <thread>

#include "base/files.h"
#include "base/location.h"
#include "base/secrets.h"
#include "storage/bridged.h"

namespace metl::storage {
namespace {

namespace fs = std::filesystem;

constexpr int kUpdateAttempts = 30;  // against other writers of one text

rust::Vec<rust::String> strings(const std::vector<std::string>& items) {
  rust::Vec<rust::String> out;
  for (const auto& item : items) out.push_back(item);
  return out;
}

// Nothing for what is no file, or no longer: other runs remove theirs while this one lists.
std::optional<StoredFile> local_file(const fs::directory_entry& entry) {
  std::error_code gone;
  if (!entry.is_regular_file(gone)) return std::nullopt;
  const auto modified = entry.last_write_time(gone);
  if (gone) return std::nullopt;
  const auto bytes = entry.file_size(gone);
  if (gone) return std::nullopt;
  const auto since_epoch = std::chrono::file_clock::to_sys(modified).time_since_epoch();
  return StoredFile{entry.path().string(), bytes,
                    std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count(),
                    fmt::format("{}", std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count())};
}

template <typename Iterator>
std::vector<StoredFile> local_files(const std::string& folder) {
  std::vector<StoredFile> out;
  std::error_code failed;
  for (Iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
    if (auto file = local_file(*entry)) out.push_back(std::move(*file));
  }
  if (failed && fs::exists(folder)) {
    throw Error(cause_of_errno(failed.value()), fmt::format("cannot list {}: {}", folder, failed.message()),
                "Check that the folder may be read by this user.");
  }
  return out;
}

// The folder that a private file lies in is private too when it is made for it, whatever the umask; one that is there
// keeps its rights. Without `mode` it is a folder as any other.
void make_parent(const std::string& path, std::optional<mode_t> mode) {
  const fs::path parent = fs::path(path).parent_path();
  std::error_code unknown;
  if (mode && !fs::exists(parent, unknown)) {
    make_private_folder(parent, *mode);
  } else {
    files::create_folders(parent);
  }
}

// Of writers that keep meeting each other one wins each time; the others come back at different moments.
void wait_for_turn(int attempt) {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const int most = 20 << std::min(attempt, 6);
  std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution(0, most)(random)));
}

void update_object(const std::string& path, const TextFile::Change& change) {
  for (int attempt = 0; attempt < kUpdateAttempts; ++attempt) {
    const bridge::Text now = bridged([&] { return bridge::get_object(path); });
    const std::string text = change(now.found ? std::optional<std::string>(std::string(now.content)) : std::nullopt);
    if (bridged([&] { return bridge::put_object_if(path, text, now.found ? now.tag : ""); })) return;
    wait_for_turn(attempt);
  }
  throw Error(Cause::kFailed,
              fmt::format("cannot write {}: other writers were faster {} times", path, kUpdateAttempts));
}

// Logs what the stores' clients tell, such as each request that is tried again, within a moment: a call into the bridge
// may last minutes.
class NoteReader {
 public:
  NoteReader()
      : thread_([this] {
          std::unique_lock lock(mutex_);
          while (!ended_.wait_for(lock, kBetweenLooks, [this] { return over_; })) log_notes();
        }) {}
  ~NoteReader() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    ended_.notify_one();
    thread_.join();
  }
  NoteReader(const NoteReader&) = delete;
  NoteReader& operator=(const NoteReader&) = delete;

 private:
  static constexpr std::chrono::milliseconds kBetweenLooks{200};
  std::mutex mutex_;  // guards over_
  std::condition_variable ended_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace

void use_storage(const StorageAccess& access) {
  static const NoteReader kReader;  // for as long as the process uses stores
  std::map<std::string, std::string> options = access.s3.role;
  options.insert({{"s3.endpoint", access.s3.endpoint},
                  {"s3.region", access.s3.region},
                  {"s3.path_style", access.s3.path_style ? "true" : "false"},
                  {"s3.allow_http", access.s3.allow_http ? "true" : "false"},
                  {"s3.access_key_id", access.s3.access_key_id},
                  {"s3.secret_access_key", access.s3.secret_access_key},
                  {"s3.session_token", access.s3.session_token},
                  {"azure.account_name", access.azure.account_name},
                  {"azure.account_key", access.azure.account_key},
                  {"azure.sas_token", access.azure.sas_token},
                  {"azure.endpoint", access.azure.endpoint},
                  {"azure.allow_http", access.azure.endpoint.starts_with("http://") ? "true" : "false"},
                  {"gcs.service_account_file", access.google.service_account_file},
                  {"ca_file", access.ca_file}});
  bridged([&] { bridge::use_storage(slice(pairs(options))); });
}

void add_identity(StorageAccess& access, const std::string& location) {
  rust::Vec<bridge::Pair> identity;
  try {
    identity = bridged([&] { return bridge::identity(location); });
  } catch (const Error& e) {
    throw Error(Cause::kConfiguration, e.message(), e.hint());
  }
  for (const bridge::Pair& pair : identity) {
    secrets::know(std::string(pair.value));
    const std::string name(pair.key);
    if (name == "key_id") access.s3.access_key_id = std::string(pair.value);
    if (name == "secret") access.s3.secret_access_key = std::string(pair.value);
    if (name == "session_token") access.s3.session_token = std::string(pair.value);
    if (name == "bearer_token") access.google.bearer_token = std::string(pair.value);
  }
}

std::vector<StoredFile> list_files(const std::string& folder, bool deep) {
  std::vector<StoredFile> out;
  if (is_remote(folder)) {
    for (const auto& object : bridged([&] { return bridge::list_objects(folder, deep); })) {
      out.push_back({std::string(object.path), object.bytes, object.modified_millis, std::string(object.tag)});
    }
  } else {
    out = deep ? local_files<fs::recursive_directory_iterator>(folder) : local_files<fs::directory_iterator>(folder);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> list_folders(const std::string& folder) {
  std::vector<std::string> out;
  if (is_remote(folder)) {
    for (const auto& path : bridged([&] { return bridge::list_folders(folder); })) out.emplace_back(path);
  } else {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder, absent)) {
      if (entry.is_directory()) out.push_back(entry.path().string());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::optional<std::string> read_text(const std::string& path) {
  if (is_remote(path)) {
    const bridge::Text text = bridged([&] { return bridge::get_object(path); });
    return text.found ? std::optional<std::string>(std::string(text.content)) : std::nullopt;
  }
  return files::read(path);
}

void write_text(const std::string& path, const std::string& text, std::optional<mode_t> mode) {
  if (is_remote(path)) {
    bridged([&] { bridge::put_object(path, text); });
  } else {
    make_parent(path, mode);
    files::write(path, text, mode);
  }
}

bool create_object(const std::string& path, const std::string& text) {
  return bridged([&] { return bridge::put_object_if(path, text, ""); });
}

bool touch_object(const std::string& path, const std::string& text) {
  const bridge::Text now = bridged([&] { return bridge::get_object(path); });
  return now.found && bridged([&] { return bridge::put_object_if(path, text, now.tag); });
}

void remove_files(const std::vector<std::string>& paths) {
  if (paths.empty()) return;
  if (is_remote(paths.front())) {
    bridged([&] { bridge::delete_objects(slice(strings(paths))); });
    return;
  }
  for (const auto& path : paths) {
    std::error_code failed;
    const auto kind = fs::symlink_status(path, failed).type();
    if (kind == fs::file_type::not_found) continue;
    if (!failed && kind != fs::file_type::regular)
      throw Error(Cause::kFailed, fmt::format("{} is not removed: it is not a regular file", path));
    if (!failed) fs::remove(path, failed);
    if (failed)
      throw Error(cause_of_errno(failed.value()), fmt::format("cannot remove {}: {}", path, failed.message()));
  }
}

void make_folder(const std::string& folder) {
  if (!is_remote(folder)) files::create_folders(folder);
}

void make_private_folder(const std::string& folder, mode_t mode) {
  if (is_remote(folder)) return;
  // Of the folders above it those of records and checks, `_...`, are private too; the warehouse is not.
  const bool below_own = fs::path(folder).parent_path().filename().string().starts_with('_');
  make_parent(folder, below_own ? std::optional(mode) : std::nullopt);
  constexpr mode_t kRead = 0444;
  const mode_t rights = mode | ((mode & kRead) >> 2);  // who reads files there may enter
  files::create_folders(folder);                       // the warehouse's user's, whoever runs
  set_mode(folder, rights);
}

void set_mode(const std::string& path, mode_t mode) {
  if (is_remote(path)) return;
  const files::Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file || ::fchmod(file.get(), mode) != 0) throw files::failure("set the rights of", path, errno);
}

TextFile text_file(const std::string& path, std::optional<mode_t> mode) {
  if (!is_remote(path)) {
    TextFile file = local_text_file(path, mode);
    file.update = [path = file.name, mode, update = file.update](const TextFile::Change& change) {
      make_parent(path, mode);
      update(change);
    };
    return file;
  }
  return {path, [path] { return read_text(path); },
          [path](const TextFile::Change& change) { update_object(path, change); }};
}

}  // namespace metl::storage

#include "feed/ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/log.h"
#include "base/time.h"

namespace metl::feed {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kIntent = ".intent.json", kOffsets = ".offsets.json";
constexpr int kVersion = 1;  // of the records
constexpr int kAttempts = 10;

std::string new_name() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

// Names that sort as their offsets do.
std::string record_name(int64_t first, std::string_view kind) { return fmt::format("{:020}{}", first, kind); }

// Makes the file, whole and durable, unless there is one: whether it did. A hard link is made or not, on network mounts
// too, where a rename would replace what another wrote.
bool create(const fs::path& file, const std::string& text) {
  const fs::path draft = file.parent_path() / fmt::format(".{}.draft", new_name());
  files::write(draft, text);
  const int failed = ::link(draft.c_str(), file.c_str()) == 0 ? 0 : errno;
  ::unlink(draft.c_str());
  if (failed != 0 && failed != EEXIST) throw files::failure("create", file, failed);
  files::sync(file.parent_path());
  return failed == 0;
}

std::string read(const fs::path& file) {
  const auto text = files::read(file);
  if (!text) throw files::failure("read", file, ENOENT);
  return *text;
}

// The names in a folder; none when there is no folder.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed))
    out.push_back(at->path().filename());
  if (failed && failed != std::errc::no_such_file_or_directory) throw files::failure("list", folder, failed.value());
  std::sort(out.begin(), out.end());
  return out;
}

// The intents of a partition's folder that have no offsets record.
std::vector<fs::path> undone(const fs::path& folder) {
  const auto names = names_in(folder);
  std::vector<fs::path> out;
  for (const auto& name : names) {
    if (!name.ends_with(kIntent)) continue;
    const std::string done = name.substr(0, name.size() - kIntent.size()) + std::string(kOffsets);
    if (!std::binary_search(names.begin(), names.end(), done)) out.push_back(folder / name);
  }
  return out;
}

// The lock of a stage, which its owner holds; none while another does.
files::Descriptor locked(const fs::path& folder) {
  files::Descriptor out(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (out && ::flock(out.get(), LOCK_EX | LOCK_NB) == 0) return out;
  return files::Descriptor();
}

}  // namespace

std::string to_json(const Intent& intent) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const auto& file : intent.files)
    all.push_back({{"staged", file.name}, {"path", file.path}, {"rows", file.rows}});
  const nlohmann::ordered_json out{{"version", kVersion},
                                   {"topic", intent.partition.topic},
                                   {"partition", intent.partition.number},
                                   {"first", intent.first},
                                   {"next", intent.next},
                                   {"rows", intent.rows},
                                   {"rejected", intent.rejected},
                                   {"stage", intent.stage},
                                   {"files", all},
                                   {"written", iso_utc(std::chrono::system_clock::now())}};
  return out.dump() + "\n";
}

Intent intent_of(const std::string& file, const std::string& json) {
  try {
    const auto read = nlohmann::json::parse(json);
    if (read.at("version").get<int>() != kVersion) {
      throw Error(Cause::kNotSupported, fmt::format("{}: it was written by a newer version of this program", file),
                  "Use that version.");
    }
    Intent out{.partition = {read.at("topic"), read.at("partition")},
               .first = read.at("first"),
               .next = read.at("next"),
               .rows = read.at("rows"),
               .rejected = read.at("rejected"),
               .stage = read.at("stage"),
               .files = {}};
    for (const auto& one : read.at("files")) out.files.push_back({one.at("staged"), one.at("path"), one.at("rows")});
    return out;
  } catch (const nlohmann::json::exception& e) {
    throw Error(Cause::kFailed, fmt::format("{}: it is no record of the feed: {}", file, e.what()),
                "Nobody but this program writes into _feed/. Restore the file.");
  }
}

Ledger::Ledger(std::string raw) : raw_(std::move(raw)) {
  files::create_folders(fs::path(raw_) / "_feed" / "staged");
  sweep();
  // A sweeper may take the folder before it is locked.
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    stage_ = fs::path(raw_) / "_feed" / "staged" / new_name();
    files::create_folders(stage_);
    lock_ = locked(stage_);
    if (lock_ && fs::exists(stage_)) return;
  }
  throw files::failure("lock", stage_, errno);
}

Ledger::~Ledger() {
  // What an intent names is still needed when step 3 failed.
  std::error_code ignored;
  fs::remove(stage_, ignored);  // if it is empty
}

std::string Ledger::stage_name() const { return fs::path(stage_).filename(); }

std::string Ledger::folder_of(const kafka::Partition& partition) const {
  return fs::path(raw_) / "_feed" / "topics" / partition.topic / std::to_string(partition.number);
}

std::optional<int64_t> Ledger::position(const kafka::Partition& partition) {
  const fs::path folder = folder_of(partition);
  const auto names = names_in(folder);
  const auto last =
      std::find_if(names.rbegin(), names.rend(), [](const auto& name) { return name.ends_with(kIntent); });
  if (last == names.rend()) return std::nullopt;
  const Intent intent = intent_of(folder / *last, read(folder / *last));
  if (!fs::exists(folder / record_name(intent.first, kOffsets))) {
    log::info("{}: completing offsets {} to {}, which an ingest left undone", kafka::to_text(partition), intent.first,
              intent.next - 1);
    complete(intent);
  }
  return intent.next;
}

void Ledger::publish(const Intent& intent) {
  for (const auto& file : intent.files) files::sync(fs::path(stage_) / file.name);
  files::sync(stage_);
  const fs::path folder = folder_of(intent.partition);
  files::create_folders(folder);
  if (!create(folder / record_name(intent.first, kIntent), to_json(intent))) {
    for (const auto& file : intent.files) ::unlink((fs::path(stage_) / file.name).c_str());
    throw Error(Cause::kConflict,
                fmt::format("{}: another ingest has written the events from offset {} on",
                            kafka::to_text(intent.partition), intent.first),
                "Nothing was written twice. Let one ingest read a topic, and start this one again if it is that one.");
  }
  complete(intent);
}

void Ledger::complete(const Intent& intent) {
  std::set<fs::path> folders;
  for (const auto& file : intent.files) {
    give_name(intent, file);
    folders.insert((fs::path(raw_) / file.path).parent_path());
  }
  for (const auto& folder : folders) files::sync(folder);
  const nlohmann::ordered_json done{{"version", kVersion}, {"next", intent.next}};
  create(fs::path(folder_of(intent.partition)) / record_name(intent.first, kOffsets), done.dump() + "\n");
  for (const auto& file : intent.files)
    ::unlink((fs::path(raw_) / "_feed" / "staged" / intent.stage / file.name).c_str());
}

void Ledger::give_name(const Intent& intent, const FeedFile& file) {
  const fs::path from = fs::path(raw_) / "_feed" / "staged" / intent.stage / file.name;
  const fs::path to = fs::path(raw_) / file.path;
  files::create_folders(to.parent_path());
  if (::link(from.c_str(), to.c_str()) == 0) return;
  const int failed = errno;
  std::error_code unknown;
  // Another ingest, or an earlier one, has given it its name.
  if (failed == ENOENT && fs::exists(to, unknown)) return;
  if (failed == EEXIST && fs::equivalent(from, to, unknown)) return;
  if (failed == ENOENT) {
    throw Error(
        Cause::kNotFound,
        fmt::format("{}: the feed's file of offsets {} to {} is neither there nor at {}", to.string(), intent.first,
                    intent.next - 1, from.string()),
        "Somebody removed it before it was published. Restore it from a copy: its events are in no other file.");
  }
  throw files::failure("create", to, failed);
}

void Ledger::sweep() {
  const fs::path all = fs::path(raw_) / "_feed" / "staged", topics = fs::path(raw_) / "_feed" / "topics";
  for (const auto& name : names_in(all)) {
    const files::Descriptor owner = locked(all / name);
    if (!owner) continue;  // its owner lives
    // Looked for while the lock is held: its owner is dead and writes no intent any more.
    bool is_named = false;
    for (const auto& topic : names_in(topics)) {
      for (const auto& partition : names_in(topics / topic)) {
        for (const auto& intent : undone(topics / topic / partition))
          is_named = is_named || intent_of(intent, read(intent)).stage == name;
      }
    }
    std::error_code failed;
    if (!is_named) fs::remove_all(all / name, failed);
  }
}

}  // namespace metl::feed

#include "table/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "storage/store.h"
#include "table/lease_format.h"
#include "table/log_files.h"

namespace metl::table {
namespace {

using std::chrono::seconds;

std::optional<seconds> unit_of(std::string_view name) {
  if (name.ends_with('s')) name.remove_suffix(1);
  static const std::map<std::string_view, seconds> kUnits{{"second", seconds(1)},
                                                          {"minute", std::chrono::minutes(1)},
                                                          {"hour", std::chrono::hours(1)},
                                                          {"day", std::chrono::hours(24)},
                                                          {"week", std::chrono::hours(24 * 7)}};
  const auto found = kUnits.find(name);
  return found == kUnits.end() ? std::nullopt : std::optional(found->second);
}

seconds interval_of(const Table& table, const char* property, seconds otherwise) {
  const auto found = table.properties().find(property);
  if (found == table.properties().end()) return otherwise;
  if (const auto parsed = parse_interval(found->second)) return *parsed;
  throw Error(Cause::kNotSupported,
              fmt::format("the table at {} has the property {} = '{}', which is no length of time that is known here",
                          table.root(), property, found->second),
              "Set it to one such as 'interval 7 days' or 'interval 168 hours'.");
}

// Whether a checkpoint is one file; of those in several parts all would have to be there.
bool is_whole(const LogFile& file) {
  return file.is_checkpoint() && file.file.bytes > 0 &&
         (file.rest == ".checkpoint.parquet" || std::count(file.rest.begin(), file.rest.end(), '.') == 3) &&
         file.rest.find(".checkpoint.0") == std::string::npos;
}

// The version from which on a run with a lease may look for its commit; of a lease that cannot be read, all of them.
uint64_t looked_for(const std::string& root) {
  uint64_t least = UINT64_MAX;
  for (const auto& file : storage::list_files(lease_folder(root))) {
    const auto run_id = run_of_lease(file.path.substr(file.path.rfind('/') + 1));
    if (!run_id) continue;
    const auto text = storage::read_text(file.path);
    const auto lease = text ? parse_lease(*text, *run_id) : std::nullopt;
    if (text) least = std::min(least, lease ? static_cast<uint64_t>(std::max<int64_t>(lease->run.base_version, 0)) : 0);
  }
  return least;
}

}  // namespace

std::optional<seconds> parse_interval(std::string_view text) {
  std::vector<std::string> words;
  for (auto& word : text::split(text::to_lower(text::trim(text)), ' ')) {
    if (!word.empty()) words.push_back(std::move(word));
  }
  if (!words.empty() && words.front() == "interval") words.erase(words.begin());
  if (words.empty() || words.size() % 2 != 0) return std::nullopt;
  seconds total{0};
  for (size_t i = 0; i < words.size(); i += 2) {
    uint32_t number = 0;  // so many weeks are no overflow
    const char* end = words[i].data() + words[i].size();
    const auto [at, failed] = std::from_chars(words[i].data(), end, number);
    const auto unit = unit_of(words[i + 1]);
    if (failed != std::errc() || at != end || !unit) return std::nullopt;
    total += *unit * number;
  }
  return total;
}

seconds deleted_file_retention(const Table& table) {
  return interval_of(table, "delta.deletedFileRetentionDuration", std::chrono::hours(24 * 7));
}

seconds log_retention(const Table& table) {
  return std::max(interval_of(table, "delta.logRetentionDuration", std::chrono::hours(24 * 30)),
                  deleted_file_retention(table));
}

int64_t clean_log(const Table& table, int64_t now_millis, bool apply, const Told& told) {
  const auto enabled = table.properties().find("delta.enableExpiredLogCleanup");
  if (enabled != table.properties().end() && text::to_lower(enabled->second) == "false") return 0;
  const int64_t before =
      now_millis - std::chrono::duration_cast<std::chrono::milliseconds>(log_retention(table)).count();
  auto files = log_files(table.root());
  std::optional<uint64_t> expired;  // the newest version of those
  for (const auto& file : files) {
    if (file.is_entry() && file.file.modified_millis < before) expired = std::max(expired.value_or(0), file.version);
  }
  if (!expired) return 0;
  const uint64_t needed = std::min(*expired, looked_for(table.root()));
  std::optional<uint64_t> checkpoint;
  for (const auto& file : files) {
    if (is_whole(file) && file.version <= needed) checkpoint = std::max(checkpoint.value_or(0), file.version);
  }
  if (!checkpoint) return 0;
  Table::open_at(table.root(), *checkpoint).files({}, Table::Statistics::kLeft);  // throws where it cannot be read
  std::erase_if(files, [&](const LogFile& file) {
    return file.version >= *checkpoint || file.file.modified_millis >= before ||
           file.rest.find(".compacted.") != std::string::npos;
  });
  for (const auto& file : files) {
    if (apply) storage::remove_files({file.file.path});
    told(file.file.path, file.file.bytes);
  }
  return static_cast<int64_t>(files.size());
}

}  // namespace metl::table

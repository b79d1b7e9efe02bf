#include "table/table.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <random>
#include <thread>

#include "base/location.h"
#include "base/log.h"
#include "storage/bridged.h"
#include "table/bridge_change.h"
#include "table/log_entry.h"
#include "table/schema.h"

namespace metl::table {
namespace {

// Enough for 8 and more processes that commit at the same moment: of those that race for a version one always wins.
constexpr uint64_t kMostAttempts = 30;
constexpr int kMostFailures = 3;  // of requests that each were tried again by the store's client already

std::string entry_path(const std::string& root, uint64_t version) {
  return fmt::format("{}/_delta_log/{:020}.json", root, version);
}

LogEntry read_entry(const std::string& root, uint64_t version) {
  const std::string text = storage::bridged([&] { return std::string(bridge::log_entry(root, version)); });
  return parse_log_entry(text, entry_path(root, version));
}

// The store fsyncs as it commits; this does it where the store failed before that, and the entry is visible all the
// same.
bool sync_entry(const std::string& root, uint64_t version) {
  for (const std::string& path : {entry_path(root, version), root + "/_delta_log", root}) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool synced = ::fsync(fd) == 0;
    ::close(fd);
    if (!synced) return false;
  }
  return true;
}

// Whether the request that failed can reach the log later: a store has it, or may get it, and did not answer. What it
// refused is over.
bool may_still_arrive(const std::string& root, const Error& failure) {
  return is_remote(root) && failure.cause() != Cause::kNoRights && failure.cause() != Cause::kNotFound;
}

// Doubles from 5 ms to 160 ms, each time a random part of it, so that the losers of one race do not meet again.
void back_off(uint64_t attempt) {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const int most = 5000 << std::min<uint64_t>(attempt, 5);
  std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution(0, most)(random)));
}

}  // namespace

struct Table::Impl {
  std::string root;
  rust::Box<bridge::Table> table;
  uint64_t version = 0;
  uint64_t checkpoint = 0;
  std::string id;
  Schema columns;
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> properties;
  Schema stored_columns;
  std::vector<int> field_ids;
  std::vector<std::string> features;
  std::map<std::string, std::string> lengths;

  Impl(std::string root_, rust::Box<bridge::Table> table_) : root(std::move(root_)), table(std::move(table_)) {
    const bridge::TableInfo info = storage::bridged([&] { return table->info(); });
    version = info.version;
    checkpoint = static_cast<uint64_t>(std::max<int64_t>(info.checkpoint, 0));
    id = std::string(info.id);
    columns = from_delta_schema(std::string(info.schema_json));
    lengths = lengths_of(std::string(info.schema_json));
    for (const rust::String& feature : info.features) features.emplace_back(feature);
    for (const rust::String& column : info.partition_columns) partition_columns.emplace_back(column);
    for (const bridge::Pair& pair : info.properties) properties.emplace(pair.key, pair.value);
    const auto mapping = properties.find("delta.columnMapping.mode");
    if (mapping == properties.end() || mapping->second == "none") return;
    stored_columns = stored_schema(std::string(info.schema_json));
    if (mapping->second == "id") field_ids = stored_field_ids(std::string(info.schema_json));
  }

  // A later state of the same table. Throws Error{kConflict} when it is another one's.
  rust::Box<bridge::Table> newer(const bridge::Table& from) const {
    rust::Box<bridge::Table> found = storage::bridged([&] { return from.newer(); });
    const char* what = nullptr;
    if (!storage::bridged([&] { return found->exists(); })) {
      what = "was removed";
    } else {
      const bridge::TableInfo info = storage::bridged([&] { return found->info(); });
      if (std::string(info.id) != id)
        what = "was dropped and made again";
      else if (info.version < version)
        what = "went back to an older version";
    }
    if (what == nullptr) return found;
    throw Error(Cause::kConflict, fmt::format("the table at {} {} while this run was under way", root, what),
                "See that nobody removes the table, then run again.");
  }

  // The log has partition values under the stored names.
  std::string logical_name(const std::string& stored) const {
    for (size_t i = 0; i < stored_columns.size(); ++i) {
      if (stored_columns[i].name == stored) return columns[i].name;
    }
    return stored;
  }
};

Table::Table(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Table::~Table() = default;
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;

std::optional<Table> Table::open(const std::string& root) {
  rust::Box<bridge::Table> table = storage::bridged([&] { return bridge::open_table(root); });
  if (!storage::bridged([&] { return table->exists(); })) return std::nullopt;
  return Table(std::make_unique<Impl>(root, std::move(table)));
}

Table Table::open_at(const std::string& root, uint64_t version) {
  return Table(std::make_unique<Impl>(root, storage::bridged([&] { return bridge::open_table_at(root, version); })));
}

Table Table::refreshed() const { return Table(std::make_unique<Impl>(impl_->root, impl_->newer(*impl_->table))); }

Table Table::create(const std::string& root, const TableSpec& spec) {
  rust::Vec<rust::String> partition_columns;
  for (const std::string& column : spec.partition_columns) partition_columns.push_back(column);
  // Whether this one or somebody else's became version 0: it is the table.
  storage::bridged([&] {
    return bridge::create_table(root, to_delta_schema(spec.columns), storage::slice(partition_columns),
                                storage::slice(storage::pairs(spec.properties)));
  });
  std::optional<Table> table = open(root);
  if (!table) {
    throw Error(Cause::kDamagedTable, fmt::format("{}/_delta_log holds files but no log entry", root),
                "Remove the folder if nothing else needs it, and run again.");
  }
  return std::move(*table);
}

void Table::rehearse(const TableSpec& spec) {
  rust::Vec<rust::String> partition_columns;
  for (const std::string& column : spec.partition_columns) partition_columns.push_back(column);
  storage::bridged([&] {
    bridge::rehearse(to_delta_schema(spec.columns), storage::slice(partition_columns),
                     storage::slice(storage::pairs(spec.properties)));
  });
}

const std::string& Table::root() const { return impl_->root; }
uint64_t Table::version() const { return impl_->version; }
uint64_t Table::checkpoint_version() const { return impl_->checkpoint; }

uint64_t Table::checkpoint_interval() const {
  constexpr uint64_t kDefault = 10;
  const auto property = impl_->properties.find("delta.checkpointInterval");
  if (property == impl_->properties.end()) return kDefault;
  uint64_t versions = 0;
  const char* end = property->second.data() + property->second.size();
  const auto parsed = std::from_chars(property->second.data(), end, versions);
  return parsed.ec == std::errc() && parsed.ptr == end && versions > 0 ? versions : kDefault;
}
int64_t Table::committed_millis() const {
  return storage::bridged([&] { return impl_->table->committed_millis(); });
}
const Schema& Table::columns() const { return impl_->columns; }
const std::vector<std::string>& Table::partition_columns() const { return impl_->partition_columns; }
const std::map<std::string, std::string>& Table::properties() const { return impl_->properties; }
const Schema& Table::stored_columns() const { return impl_->stored_columns; }
const std::vector<int>& Table::field_ids() const { return impl_->field_ids; }
void Table::require_writable() const {
  storage::bridged([&] { impl_->table->require_writable(); });
}

std::vector<int64_t> Table::deleted_rows(const File& file) const {
  if (file.vector.empty()) return {};
  const auto rows = storage::bridged([&] { return impl_->table->deleted_rows(file.vector); });
  return {rows.begin(), rows.end()};
}
const std::vector<std::string>& Table::features() const { return impl_->features; }
const std::map<std::string, std::string>& Table::lengths() const { return impl_->lengths; }

std::vector<std::vector<std::string>> Table::statistics_columns() const {
  std::vector<std::vector<std::string>> columns;
  for (const bridge::ColumnPath& column : storage::bridged([&] { return impl_->table->statistics_columns(); })) {
    columns.emplace_back(column.names.begin(), column.names.end());
  }
  return columns;
}

std::vector<File> Table::files(const Partition& partition, Statistics statistics) const {
  const rust::Vec<bridge::DataFile> found = storage::bridged(
      [&] { return impl_->table->files(storage::slice(storage::pairs(partition)), statistics == Statistics::kRead); });
  std::vector<File> files;
  files.reserve(found.size());
  for (const bridge::DataFile& file : found) {
    File one{decode_path(std::string(file.path)),
             file.bytes,
             file.rows,
             file.modified_millis,
             std::string(file.stats_json),
             !file.deletion_vector.empty(),
             {},
             std::string(file.deletion_vector)};
    for (const bridge::Pair& pair : file.partition_values) {
      one.partition.emplace(impl_->logical_name(std::string(pair.key)), pair.value);
    }
    for (const bridge::Pair& pair : file.tags) one.tags.emplace(pair.key, pair.value);
    files.push_back(std::move(one));
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return files;
}

CommitOutcome Table::commit(const Change& change) const {
  using Kind = CommitOutcome::Kind;
  const bridge::Change handed = bridge_change(change);
  const std::vector<Partition> changed = partitions_of(change);
  std::optional<rust::Box<bridge::Table>> newer;  // empty: this snapshot
  uint64_t seen = impl_->version;
  int failures = 0;
  for (uint64_t attempt = 1; attempt <= kMostAttempts; ++attempt) {
    const bridge::Table& base = newer ? **newer : *impl_->table;
    int64_t replaced = -1;
    try {
      replaced = storage::bridged([&] { return base.replace(handed); });
    } catch (const Error& failure) {
      const CommitOutcome outcome = resolve(change.run_id, attempt, failure);
      // The request may still be on its way to the store. Tried again for the same version, it is either found there or
      // can never arrive.
      if (outcome.kind != Kind::kUnknown || !is_remote(impl_->root) || ++failures == kMostFailures) return outcome;
      log::warning("trying the commit again: {}", failure.message());
      back_off(attempt);
      continue;
    }
    if (replaced >= 0) return {Kind::kCommitted, seen + 1, attempt, replaced, ""};

    back_off(attempt);
    try {
      newer = impl_->newer(base);
      const uint64_t latest = storage::bridged([&] { return (*newer)->info().version; });
      for (; seen < latest; ++seen) {
        const uint64_t version = seen + 1;
        const LogEntry entry = read_entry(impl_->root, version);
        // A store that repeats a request after a timeout reports our own entry as somebody else's.
        if (entry.run_id == change.run_id) return {Kind::kCommitted, version, attempt, -1, ""};
        if (conflicts(entry, changed, change.app_id)) {
          const char* what =
              entry.changes_table ? "changed the schema, properties or protocol" : "changed the same partition";
          return {Kind::kConflict, 0, attempt, -1, fmt::format("version {} of {} {}", version, impl_->root, what)};
        }
      }
    } catch (const Error& failure) {
      if (!is_remote(impl_->root) || failure.cause() == Cause::kConflict)
        throw;  // the disk repeats no request: the entry is somebody else's
      return resolve(change.run_id, attempt, failure);
    }
  }
  return {Kind::kConflict, 0, kMostAttempts, -1,
          fmt::format("other commits to {} were faster {} times", impl_->root, kMostAttempts)};
}

CommitOutcome Table::resolve(const std::string& run_id, uint64_t attempt, const Error& failure) const {
  using Kind = CommitOutcome::Kind;
  std::optional<uint64_t> version;
  try {
    // A log folder that has gone away lists as empty, which must not pass for "not committed".
    impl_->newer(*impl_->table);
    version = committed_version_of(run_id, impl_->version);
  } catch (const Error& unreadable) {
    return {Kind::kUnknown, 0, attempt, -1, fmt::format("{}; then {}", failure.message(), unreadable.message())};
  }
  if (!version && may_still_arrive(impl_->root, failure)) return {Kind::kUnknown, 0, attempt, -1, failure.message()};
  if (!version) throw failure;
  // A flush that failed is told once, and forgotten by the next one: it is not repeated into success.
  const bool durable =
      is_remote(impl_->root) || (failure.cause() != Cause::kDiskFault && sync_entry(impl_->root, *version));
  if (durable) return {Kind::kCommitted, *version, attempt, -1, ""};
  return {Kind::kUnknown, *version, attempt, -1,
          fmt::format("version {} is written but perhaps not on disk: {}", *version, failure.message())};
}

bool Table::add_columns(const Schema& columns) const {
  return storage::bridged([&] { return impl_->table->add_columns(to_delta_schema(columns)); });
}

void Table::fence() const {
  storage::bridged([&] { impl_->table->fence(); });
}

void Table::checkpoint() const {
  storage::bridged([&] { impl_->table->checkpoint(); });
}

std::map<std::string, Mark> Table::marks(const std::string& prefix) const {
  std::map<std::string, Mark> out;
  for (const bridge::Mark& mark : storage::bridged([&] { return impl_->table->marks(prefix); }))
    out.emplace(std::string(mark.name), Mark{mark.value, mark.updated_millis});
  return out;
}

void Table::visit_user_metadata(const std::function<bool(const std::string& text)>& visit) const {
  const auto versions = storage::bridged([&] { return bridge::versions_after(impl_->root, 0); });
  for (size_t left = versions.size(); left > 0; --left) {
    const std::string text = read_entry(impl_->root, versions[left - 1]).user_metadata;
    if (!text.empty() && !visit(text)) return;
  }
}

bool Table::has_all_versions_since(uint64_t since) const {
  if (since > impl_->version) return false;  // the log of another table
  const auto versions = storage::bridged([&] { return bridge::versions_after(impl_->root, since); });
  const auto wanted = impl_->version - since;
  uint64_t next = since;
  for (const uint64_t version : versions) {
    if (next == impl_->version) break;
    if (version != ++next) return false;
  }
  return next - since == wanted;
}

std::optional<uint64_t> Table::committed_version_of(const std::string& run_id, uint64_t since) const {
  for (const uint64_t version : storage::bridged([&] { return bridge::versions_after(impl_->root, since); })) {
    if (read_entry(impl_->root, version).run_id == run_id) return version;
  }
  return std::nullopt;
}

}  // namespace metl::table

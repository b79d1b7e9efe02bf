#include "table/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <tuple>

#include "base/error.h"
#include "base/time.h"
#include "storage/store.h"
#include "table/log_entry.h"
#include "table/log_files.h"

namespace metl::table {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::map<std::string, std::string> texts_of(const Json& object, const char* key) {
  std::map<std::string, std::string> out;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return out;
  for (const auto& item : found->items()) out.emplace(item.key(), text_of(*found, item.key().c_str()));
  return out;
}

void count(const Json& file, Moved& moved) {
  ++moved.files;
  if (const auto size = file.find("size"); size != file.end() && size->is_number()) moved.bytes += size->get<int64_t>();
  int64_t rows = -1;
  const Json stats = Json::parse(text_of(file, "stats"), nullptr, false);
  if (stats.is_object() && stats.contains("numRecords") && stats["numRecords"].is_number())
    rows = stats["numRecords"].get<int64_t>();
  const auto vector = file.find("deletionVector");
  if (rows >= 0 && vector != file.end() && vector->is_object()) rows -= vector->value("cardinality", int64_t{0});
  moved.rows = rows < 0 || moved.rows < 0 ? -1 : moved.rows + rows;
}

void read_info(const Json& info, HistoryEntry& entry) {
  entry.operation = text_of(info, "operation");
  entry.parameters = texts_of(info, "operationParameters");
  entry.metrics = texts_of(info, "operationMetrics");
  entry.program = text_of(info, "engineInfo");
  entry.user = text_of(info, "userName");
  const auto committed = info.find("inCommitTimestamp");
  if (committed != info.end() && committed->is_number()) entry.millis = committed->get<int64_t>();
}

HistoryEntry read_history(uint64_t version, const storage::StoredFile& file) {
  const std::string text = storage::read_text(file.path).value_or("");
  LogEntry known = parse_log_entry(text, file.path);
  HistoryEntry entry;
  entry.version = version;
  entry.millis = file.modified_millis;
  entry.run_id = known.run_id;
  entry.user_metadata = known.user_metadata;
  std::istringstream lines(text);
  std::set<Partition> partitions;
  for (std::string line; std::getline(lines, line);) {
    const Json action = Json::parse(line, nullptr, false);
    if (!action.is_object()) continue;
    if (const auto info = action.find("commitInfo"); info != action.end()) read_info(*info, entry);
    if (const auto add = action.find("add"); add != action.end()) count(*add, entry.in);
    if (const auto remove = action.find("remove"); remove != action.end()) count(*remove, entry.out);
  }
  for (auto& partition : known.partitions) {
    if (!partition.empty()) partitions.insert(std::move(partition));
  }
  entry.partitions.assign(partitions.begin(), partitions.end());
  return entry;
}

}  // namespace

void visit_history(const std::string& root, const std::function<bool(const HistoryEntry& entry)>& visit) {
  const auto log = log_files(root);
  for (auto one = log.rbegin(); one != log.rend(); ++one) {
    if (one->is_entry() && !visit(read_history(one->version, one->file))) return;
  }
}

std::vector<uint64_t> readable_versions(const std::string& root) {
  const auto log = log_files(root);
  std::set<uint64_t> out;
  for (const auto& one : log) {
    if (one.is_checkpoint() && one.file.bytes > 0) out.insert(one.version);
  }
  for (const auto& one : log) {
    if (one.is_entry() && (one.version == 0 || out.contains(one.version - 1))) out.insert(one.version);
  }
  return {out.begin(), out.end()};
}

std::vector<File> without(std::vector<File> files, std::vector<File> others) {
  const auto before = [](const File& a, const File& b) {
    return std::tie(a.path, a.vector) < std::tie(b.path, b.vector);
  };
  std::sort(files.begin(), files.end(), before);
  std::sort(others.begin(), others.end(), before);
  std::vector<File> out;
  std::set_difference(files.begin(), files.end(), others.begin(), others.end(), std::back_inserter(out), before);
  return out;
}

Table open_version(const std::string& root, uint64_t version) {
  const auto versions = readable_versions(root);
  if (std::binary_search(versions.begin(), versions.end(), version)) return Table::open_at(root, version);
  throw Error(Cause::kUsage, fmt::format("version {} of the table at {} cannot be read", version, root),
              versions.empty() ? "There is no Delta table."
                               : fmt::format("Its log has the versions {} to {}; `movies-etl history` lists them.",
                                             versions.front(), versions.back()));
}

uint64_t version_as_of(const std::string& root, int64_t millis) {
  std::optional<uint64_t> found;
  std::optional<int64_t> oldest;
  visit_history(root, [&](const HistoryEntry& entry) {
    oldest = entry.millis;
    if (entry.millis <= millis) found = entry.version;
    return !found;
  });
  if (found) return *found;
  throw Error(Cause::kUsage, fmt::format("the table at {} has no version as of {}", root, iso_utc(millis)),
              oldest ? fmt::format("The oldest in its log was committed at {}.", iso_utc(*oldest))
                     : "There is no Delta table.");
}

}  // namespace metl::table

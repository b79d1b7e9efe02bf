#include "table/log_entry.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"

namespace metl::table {
namespace {

using Json = nlohmann::json;

constexpr const char* kRunIdTag = "movies-etl.runId";
constexpr const char* kPartitionTag = "movies-etl.partition";

// Delta writes NULL and the empty string alike, as null.
Partition partition_from(const Json& values) {
  Partition partition;
  for (const auto& [column, value] : values.items()) {
    partition[column] = value.is_string() ? value.get<std::string>() : "";
  }
  return partition;
}

void read_tags(const Json& info, LogEntry& entry) {
  const auto tags = info.find("tags");
  if (tags == info.end() || !tags->is_object()) return;
  if (const auto run_id = tags->find(kRunIdTag); run_id != tags->end()) entry.run_id = run_id->get<std::string>();
  if (const auto partition = tags->find(kPartitionTag); partition != tags->end()) {
    const Json named = Json::parse(partition->get<std::string>());
    for (const auto& one : named.is_array() ? named : Json::array({named}))
      entry.partitions.push_back(partition_from(one));
  }
}

void read_file_action(const Json& action, LogEntry& entry) {
  const auto values = action.find("partitionValues");
  if (values == action.end() || !values->is_object()) {
    entry.unplaced = true;  // older removes may leave it out
    return;
  }
  Partition partition = partition_from(*values);
  if (entry.partitions.empty() || entry.partitions.back() != partition)
    entry.partitions.push_back(std::move(partition));
}

// Whether a partition may be in both: one that names some of the columns stands for all that have these values.
bool overlap(const Partition& a, const Partition& b) {
  return std::all_of(a.begin(), a.end(), [&](const auto& value) {
    const auto other = b.find(value.first);
    return other == b.end() || other->second == value.second;
  });
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

LogEntry parse_log_entry(const std::string& text, const std::string& path) {
  LogEntry entry;
  std::istringstream lines(text);
  std::string line;
  try {
    while (std::getline(lines, line)) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const Json action = Json::parse(line);
      if (const auto info = action.find("commitInfo"); info != action.end()) {
        read_tags(*info, entry);
        const auto metadata = info->find("userMetadata");
        if (metadata != info->end() && metadata->is_string()) entry.user_metadata = metadata->get<std::string>();
      }
      for (const char* kind : {"add", "remove"}) {
        if (const auto file = action.find(kind); file != action.end()) read_file_action(*file, entry);
      }
      if (const auto transaction = action.find("txn"); transaction != action.end())
        entry.app_ids.push_back(transaction->at("appId").get<std::string>());
      entry.changes_table |= action.contains("metaData") || action.contains("protocol");
    }
  } catch (const Json::exception& error) {
    throw Error(Cause::kDamagedTable, fmt::format("the Delta log entry {} is torn: {}", path, error.what()));
  }
  return entry;
}

bool conflicts(const LogEntry& entry, const std::vector<Partition>& changed, const std::string& app_id) {
  return entry.changes_table || entry.unplaced ||
         std::find(entry.app_ids.begin(), entry.app_ids.end(), app_id) != entry.app_ids.end() ||
         std::find_first_of(entry.partitions.begin(), entry.partitions.end(), changed.begin(), changed.end(),
                            overlap) != entry.partitions.end();
}

std::map<std::string, std::string> commit_tags(const std::vector<Partition>& changed, const std::string& run_id) {
  const Json named = changed.size() == 1 ? Json(changed.front()) : Json(changed);
  return {{kRunIdTag, run_id}, {kPartitionTag, named.dump()}};
}

std::string encode_path(std::string_view path) {
  std::string encoded;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte) != 0) || std::string_view("-._~/=").find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", byte);
    }
  }
  return encoded;
}

std::string decode_path(std::string_view path) {
  std::string decoded;
  for (size_t i = 0; i < path.size(); ++i) {
    const int high = path[i] == '%' && i + 2 < path.size() ? hex_digit(path[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(path[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += path[i];
    }
  }
  return decoded;
}

std::string below_root(std::string_view path, std::string_view root) {
  for (const std::string_view scheme : {"file://", "file:"}) {
    if (!path.starts_with(scheme)) continue;
    path.remove_prefix(scheme.size());
    break;
  }
  if (path.size() > root.size() && path.starts_with(root) && path[root.size()] == '/')
    path.remove_prefix(root.size() + 1);
  return std::string(path);
}

}  // namespace metl::table

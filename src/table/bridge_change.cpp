#include "table/bridge_change.h"

#include "table/log_entry.h"

namespace metl::table {

std::vector<Partition> partitions_of(const Change& change) {
  std::vector<Partition> out;
  for (const auto& one : change.partitions) out.push_back(one.partition);
  return out;
}

bridge::Change bridge_change(const Change& change) {
  bridge::Change out;
  for (const auto& one : change.partitions) {
    bridge::PartitionChange partition{storage::pairs(one.partition), {}, {}, !one.remove};
    for (const std::string& path : one.remove.value_or(std::vector<std::string>())) partition.remove.push_back(path);
    for (const File& file : one.add) {
      partition.add.push_back({encode_path(file.path),
                               file.bytes,
                               file.rows,
                               file.modified_millis,
                               file.stats_json,
                               file.vector,
                               {},
                               storage::pairs(file.tags)});
    }
    out.partitions.push_back(std::move(partition));
  }
  out.app_id = change.app_id;
  out.operation = change.operation;
  out.parameters = storage::pairs(change.operation_parameters);
  out.metrics = storage::pairs(change.operation_metrics);
  out.user_metadata = change.user_metadata;
  out.tags = storage::pairs(commit_tags(partitions_of(change), change.run_id));
  out.data_change = change.data_change;
  out.properties = storage::pairs(change.properties);
  for (const auto& [name, value] : change.marks) out.marks.push_back({name, value, -1});
  out.version_mark = change.version_mark;
  return out;
}

}  // namespace metl::table

#include "pipeline/read_target.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "sql/names.h"

namespace metl::pipeline {
namespace {

constexpr const char* kRunDate = "run_date";  // the execution date's column where it is not the partition's
constexpr const char* kRunHour = "run_hour";  // and the hour's
constexpr const char* kUnpartitioned = "none";

bool holds_a_date(const Field& column) {
  return column.type.kind == Type::Kind::kString || column.type.kind == Type::Kind::kDate;
}

// Types whose values Delta writes as every engine prints them.
bool can_partition(const Type& type) {
  using Kind = Type::Kind;
  return type.is_whole() || type.kind == Kind::kString || type.kind == Kind::kDate || type.kind == Kind::kBoolean;
}

// `partition: run_date`: the execution date.
void read_own_partition(Definition& out, const Section& target) {
  const std::string name = target.text("partition");
  const Field* column = find_field(out.target_columns, name);
  if (column == nullptr || column->name != name || !holds_a_date(*column)) {
    throw yaml::error_at(
        out.file, target.required("partition"),
        fmt::format("partition column '{}' must be declared in target.columns as string or date", name),
        "It holds the execution date, which the run fills in. Columns of the data are written as a list: "
        "partition: [order_date].");
  }
  out.run_date_column = name;
  out.partition_columns = {name};
}

// `partition: {order_date: date}` or a list of names.
void read_data_partition(Definition& out, const yaml::Node& partition) {
  for (const auto& entry : partition) {
    const yaml::Node& name = partition.is_map() ? entry.first : static_cast<const yaml::Node&>(entry);
    const Field* column = name.is_scalar() ? find_field(out.target_columns, name.text()) : nullptr;
    if (column == nullptr || column->name != name.text()) {
      std::vector<std::string> known;
      for (const auto& each : out.target_columns) known.push_back(each.name);
      throw yaml::error_at(out.file, name,
                           fmt::format("'target.partition' names column '{}', which target.columns does not "
                                       "declare.{}",
                                       name.is_scalar() ? name.text() : "?", text::did_you_mean(name.text(), known)));
    }
    if (partition.is_map()) {
      const auto type = entry.second.is_scalar() ? parse_type(entry.second.text()) : std::nullopt;
      if (!type || *type != column->type) {
        throw yaml::error_at(
            out.file, entry.second,
            fmt::format("'target.partition.{}' is {}, and target.columns declares it as {}", column->name,
                        entry.second.is_scalar() ? entry.second.text() : "no type", type_name(column->type)));
      }
    }
    if (!can_partition(column->type)) {
      throw yaml::error_at(out.file, name,
                           fmt::format("column '{}' is {}, by which a table cannot be partitioned here", column->name,
                                       type_name(column->type)),
                           "Use string, date, boolean or a whole number; the transform can make a date of a time.");
    }
    if (std::find(out.partition_columns.begin(), out.partition_columns.end(), column->name) !=
        out.partition_columns.end())
      throw yaml::error_at(out.file, name, fmt::format("'target.partition' names column '{}' twice", column->name));
    out.partition_columns.push_back(column->name);
  }
}

// Raw files of the hour: a run must be able to tell its rows from those of the day's other hours.
void require_hours_apart(const Definition& out, const Section& target) {
  const auto is_partition = [&](const std::optional<std::string>& name) {
    return name &&
           std::find(out.partition_columns.begin(), out.partition_columns.end(), *name) != out.partition_columns.end();
  };
  const bool appends = out.mode == WriteMode::kAppend && !out.run_hour_column;
  const bool overwrites =
      out.mode == WriteMode::kOverwrite && is_partition(out.run_date_column) && !is_partition(out.run_hour_column);
  if (!appends && !overwrites) return;
  throw yaml::error_at(
      out.file, target.required(appends ? "mode" : "partition"),
      "raw files land by the hour ({HH} in source.path), and an hour would replace its day",
      fmt::format("Declare a column {}: int in target.columns, which the run fills, and write partition: [{}, {}], or "
                  "mode: merge.",
                  kRunHour, kRunDate, kRunHour));
}

void read_partition(Definition& out, const Section& target) {
  const yaml::Node partition = target.required("partition");
  const bool of_data = partition.is_map() || partition.is_sequence();
  if (!of_data && target.text("partition") != kUnpartitioned) {
    read_own_partition(out, target);
    return;
  }
  if (of_data) read_data_partition(out, partition);
  if (of_data && out.partition_columns.empty())
    throw yaml::error_at(out.file, partition, "'target.partition' names no column",
                         fmt::format("A table without partitions is written partition: {}.", kUnpartitioned));
  const Field* own = find_field(out.target_columns, kRunDate);
  if (own != nullptr && own->name == kRunDate && holds_a_date(*own)) out.run_date_column = kRunDate;
}

void read_merge(Definition& out, const Section& target) {
  out.merge_key = target.columns_of("key", out.target_columns);
  if (target.has("order")) {
    out.merge_order = target.columns_of("order", out.target_columns);
    return;
  }
  for (const auto& name : out.dedupe ? out.dedupe->order : std::vector<std::string>{}) {
    const Field* column = find_field(out.target_columns, name);
    if (column != nullptr) out.merge_order.push_back(column->name);
  }
  const size_t wanted = out.dedupe ? out.dedupe->order.size() : 0;
  if (wanted == 0 || out.merge_order.size() < wanted) {
    throw yaml::error_at(out.file, target.required("mode"),
                         "a merge must know which of two rows is the newer one: 'target.order' is missing",
                         "Name columns of the target, such as order: [updated_at]. The order of dedupe is taken where "
                         "the target has its columns.");
  }
}

void read_mode(Definition& out, const Section& target) {
  out.mode = static_cast<WriteMode>(target.choice("mode", {"overwrite", "append", "merge"}));
  if (out.mode == WriteMode::kMerge) {
    read_merge(out, target);
  } else {
    for (const char* key : {"key", "order"}) {
      if (target.has(key))
        throw yaml::error_at(out.file, target.required(key), fmt::format("'{}' is for mode: merge", target.named(key)),
                             "Remove it, or write mode: merge.");
    }
  }
  if (out.source.by_hour) require_hours_apart(out, target);
  if (out.mode == WriteMode::kAppend && !out.run_date_column) {
    throw yaml::error_at(
        out.file, target.required("mode"),
        fmt::format("mode: append needs a column '{}' in target.columns, a string or a date", kRunDate),
        "The run fills it with the execution date: by it a second run of a day finds the rows of the first.");
  }
}

}  // namespace

void read_target(Definition& out, const Section& top) {
  const Section target(
      out.file, top.required("target"), "target",
      {"table", "columns", "partition", "mode", "key", "order", "max_partitions", "cluster_by", "properties"});
  if (target.has("table")) {
    out.target_table = target.placed("table");
    if (!text::table_name_parts(out.target_table->text)) {
      throw yaml::error_at(out.file, target.required("table"),
                           fmt::format("'target.table' is '{}', which is not a table's name", out.target_table->text),
                           "Write <database>.<table>, each of letters, digits and '_'.");
    }
  }
  out.target_columns = target.schema("columns");
  read_partition(out, target);
  const Field* hour = find_field(out.target_columns, kRunHour);
  if (out.source.by_hour && hour != nullptr && hour->name == kRunHour && hour->type.is_whole())
    out.run_hour_column = kRunHour;
  read_mode(out, target);
  if (target.has("max_partitions")) out.max_partitions = target.count("max_partitions");
  if (target.has("cluster_by")) out.cluster_by = target.columns_of("cluster_by", out.file_columns());
  if (target.has("properties")) out.properties = target.texts("properties");
}

}  // namespace metl::pipeline

#include "pipeline/placement.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "pipeline/agreement.h"
#include "pipeline/datasets.h"
#include "pipeline/placement_parts.h"
#include "sql/names.h"
#include "storage/store.h"

namespace metl::pipeline {
namespace {

std::string list_of(const Schema& columns, const std::string& prefix) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(prefix + sql::identifier(column.name));
  return fmt::format("{}", fmt::join(names, ", "));
}

engine::FileGroup group_of(const std::vector<engine::DataFile>& files) {
  engine::FileGroup group;
  for (const auto& file : files) group.paths.push_back(file.path);
  return group;
}

// The view of the staged rows, with all of the target's columns.
void view_staged(engine::Engine& engine, const Staged& staged) {
  engine.create_view(kStagedView, staged.pipeline.target_columns,
                     {staged_group(staged.pipeline, staged.interval, staged.files)});
}

void require_partitioned(engine::Engine& engine, const Definition& pipeline) {
  std::vector<std::string> lacks;
  for (const auto& name : pipeline.partition_columns) {
    const bool text = find_field(pipeline.target_columns, name)->type.kind == Type::Kind::kString;
    lacks.push_back(fmt::format("{0} IS NULL{1}", sql::identifier(name),
                                text ? fmt::format(" OR {} = ''", sql::identifier(name)) : std::string()));
  }
  if (lacks.empty()) return;
  const auto rows = engine.query(fmt::format("SELECT count(*) FROM {} WHERE {}", kStagedView, fmt::join(lacks, " OR ")))
                        .rows.at(0)
                        .at(0);
  if (std::get<int64_t>(rows) == 0) return;
  throw Error(Cause::kBadInput,
              fmt::format("{} rows belong to no partition: {} is NULL or empty in them", std::get<int64_t>(rows),
                          fmt::join(pipeline.partition_columns, " or ")),
              "Leave such rows out or fill them in the transform.");
}

}  // namespace

Placing::Placing(engine::Engine& engine, const Staged& staged, const table::Table& table, int attempt)
    : engine_(engine),
      staged_(staged),
      table_(table),
      prefix_(fmt::format("{}-{}", staged.area.name_prefix(), attempt)),
      live_(table.files({})) {}

std::vector<engine::DataFile> Placing::write(const table::Partition& partition, const std::string& select) {
  engine::WriteOptions options = staged_.layout;
  options.folder = staged_.area.folder() + folder_below(pipeline(), partition);
  options.name_prefix = fmt::format("{}-{}", prefix_, next_++);
  storage::make_folder(options.folder);
  std::vector<engine::DataFile> out;
  for (auto& file : engine_.write(select, options, {})) {
    if (file.rows == 0) {
      staged_.area.discard({file.path});
      continue;
    }
    rows_written += file.rows;
    out.push_back(std::move(file));
  }
  return out;
}

std::vector<engine::DataFile> Placing::write_staged(const TouchedPartition& partition) {
  return write(partition.values, fmt::format("SELECT {} FROM {} WHERE {}{}", file_columns(), kStagedView,
                                             in_partition(pipeline(), partition.values), order()));
}

std::string Placing::keep(const std::string& name, const std::string& select, const Schema& columns) {
  engine::WriteOptions options = staged_.layout;
  options.cluster_by.clear();
  options.folder = staged_.area.scratch();
  options.name_prefix = fmt::format("{}-{}", prefix_, next_++);
  std::vector<engine::DataFile> files = engine_.write(select, options, {});
  std::erase_if(files, [](const engine::DataFile& file) { return file.rows == 0; });
  return engine_.create_view(name, columns, {group_of(files)});
}

std::string Placing::view(const std::string& name, const std::vector<const table::File*>& files) {
  Schema columns = pipeline().target_columns;
  columns.push_back({kFileNumber, *parse_type("bigint"), true, ""});
  std::vector<engine::FileGroup> groups;
  for (size_t i = 0; i < files.size(); ++i) {
    groups.push_back(pipeline::group_of(table_, *files[i]));
    groups.back().constants[kFileNumber] = fmt::format("{}", i);
  }
  return engine_.create_view(name, columns, groups);
}

std::string Placing::file_columns(const std::string& prefix) const {
  return list_of(pipeline().file_columns(), prefix);
}
std::string Placing::target_columns(const std::string& prefix) const {
  return list_of(pipeline().target_columns, prefix);
}

std::string Placing::order() const { return sql::order_by(pipeline().cluster_by); }

std::vector<int64_t> Placing::counts(const std::string& sql) const {
  const Rows found = engine_.query(sql);
  std::vector<int64_t> out;
  for (const auto& value : found.rows.at(0)) out.push_back(std::get<int64_t>(value));
  return out;
}

std::string in_partition(const Definition& pipeline, const table::Partition& partition) {
  std::vector<std::string> equal;
  for (const auto& [column, value] : partition) {
    equal.push_back(fmt::format("{} = CAST({} AS {})", sql::identifier(column), sql::literal(value),
                                type_name(find_field(pipeline.target_columns, column)->type)));
  }
  return equal.empty() ? "1 = 1" : fmt::format("{}", fmt::join(equal, " AND "));
}

bool belongs(const table::File& file, const table::Partition& partition) {
  return std::all_of(partition.begin(), partition.end(), [&](const auto& wanted) {
    const auto value = file.partition.find(wanted.first);
    return value != file.partition.end() && value->second == wanted.second;
  });
}

FileBounds bounds_of(const table::File& file, const std::string& column) {
  const auto stats = nlohmann::json::parse(file.stats_json, nullptr, false);
  const auto text = [&](const char* kind) -> std::optional<std::string> {
    const auto values = stats.is_object() ? stats.find(kind) : stats.end();
    if (values == stats.end() || !values->is_object()) return std::nullopt;
    const auto value = values->find(column);
    if (value == values->end() || value->is_null()) return std::nullopt;
    return value->is_string() ? value->get<std::string>() : value->dump();
  };
  return {text("minValues"), text("maxValues"), text("nullCount").value_or("?") != "0"};
}

std::string folder_below(const Definition& pipeline, const table::Partition& partition) {
  std::string out;
  for (const auto& column : pipeline.partition_columns) {
    const std::string& value = partition.at(column);
    std::string part = fmt::format("{}={}", column, value.empty() ? kNullFolder : std::string_view(value));
    for (char& c : part) {
      const auto byte = static_cast<unsigned char>(c);
      const bool plain = byte < 0x80 && (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '=');
      if (!plain) c = '_';
    }
    constexpr size_t kMost = 100;
    out += "/" + part.substr(0, kMost);
  }
  return out;
}

engine::FileGroup staged_group(const Definition& pipeline, const source::Interval& interval,
                               const std::vector<engine::DataFile>& staged) {
  engine::FileGroup group = group_of(staged);
  for (const auto& [column, value] : pipeline.run_values(interval)) group.constants[column] = value;
  return group;
}

std::vector<TouchedPartition> touched_partitions(engine::Engine& engine, const Staged& staged) {
  const Definition& pipeline = staged.pipeline;
  view_staged(engine, staged);
  require_partitioned(engine, pipeline);
  std::vector<std::string> names, items{"count(*)"};
  for (const auto& column : pipeline.partition_columns) {
    names.push_back(sql::identifier(column));
    items.push_back(fmt::format("CAST({} AS STRING)", names.back()));
  }
  for (const auto& column : pipeline.merge_key) {
    const std::string name = sql::identifier(column);
    const bool nested = find_field(pipeline.target_columns, column)->type.is_nested();
    items.push_back(nested ? "0" : fmt::format("count({})", name));
    for (const char* bound : {"min", "max"})
      items.push_back(nested ? "NULL" : fmt::format("CAST({}({}) AS STRING)", bound, name));
  }
  const std::string groups = names.empty() ? "" : fmt::format(" GROUP BY {0} ORDER BY {0}", fmt::join(names, ", "));
  const Rows found = engine.query(fmt::format("SELECT {} FROM {}{} LIMIT {}", fmt::join(items, ", "), kStagedView,
                                              groups, pipeline.max_partitions + 1));
  if (static_cast<int64_t>(found.rows.size()) > pipeline.max_partitions) {
    const Rows all = engine.query(fmt::format("SELECT count(*) FROM (SELECT DISTINCT {} FROM {}) AS metl_p",
                                              fmt::join(names, ", "), kStagedView));
    throw Error(Cause::kBadInput,
                fmt::format("the run would touch {} partitions, and target.max_partitions lets it touch {}",
                            to_text(all.rows.at(0).at(0)), pipeline.max_partitions),
                fmt::format("See whether {} is right in the raw files. If it is, raise target.max_partitions in {}.",
                            fmt::join(pipeline.partition_columns, ", "), pipeline.file));
  }
  std::vector<TouchedPartition> out;
  for (const auto& row : found.rows) {
    TouchedPartition one;
    size_t at = 0;
    one.rows = std::get<int64_t>(row[at++]);
    for (const auto& column : pipeline.partition_columns) one.values[column] = std::get<std::string>(row[at++]);
    for (size_t key = 0; key < pipeline.merge_key.size(); ++key, at += 3) {
      const auto* least = std::get_if<std::string>(&row[at + 1]);
      const auto* greatest = std::get_if<std::string>(&row[at + 2]);
      const bool known = std::get<int64_t>(row[at]) == one.rows && least != nullptr && greatest != nullptr;
      one.bounds.push_back(known ? std::optional(std::pair(*least, *greatest)) : std::nullopt);
    }
    if (one.rows > 0) out.push_back(std::move(one));
  }
  return out;
}

Placement overwrite(Placing& placing, const std::vector<TouchedPartition>& touched) {
  const Definition& pipeline = placing.pipeline();
  const auto& columns = pipeline.partition_columns;
  Placement out;
  // Of a table that has the execution date among its partition's columns, all of the day goes: also the partitions that
  // an earlier run of it wrote, and this one does not.
  const table::Partition own = pipeline.run_partition(placing.staged().interval);
  if (!own.empty()) out.partitions.push_back({own, {}, std::nullopt});
  if (columns.empty() && touched.empty()) out.partitions.push_back({{}, {}, std::nullopt});
  for (const auto& one : touched) {
    out.partitions.push_back({one.values, placing.write_staged(one), std::nullopt});
    if (!own.empty()) out.partitions.back().remove.emplace();
    out.effect.inserted += one.rows;
  }
  for (const auto& file : placing.live()) {
    const bool goes = std::any_of(out.partitions.begin(), out.partitions.end(), [&](const PartitionFiles& one) {
      return !one.remove && belongs(file, one.partition);
    });
    if (!goes) continue;
    ++out.effect.files_removed;
    out.effect.removed += std::max<int64_t>(file.rows, 0);
  }
  return out;
}

Placement place(engine::Engine& engine, const Staged& staged, const std::vector<TouchedPartition>& touched,
                const table::Table& table, int attempt) {
  view_staged(engine, staged);
  Placing placing(engine, staged, table, attempt);
  const auto mode = staged.pipeline.mode;
  Placement out = mode == WriteMode::kMerge    ? merge(placing, touched)
                  : mode == WriteMode::kAppend ? append(placing, touched)
                                               : overwrite(placing, touched);
  Effect& effect = out.effect;
  effect.partitions = static_cast<int64_t>(touched.size());
  int64_t given = 0;
  for (const auto& one : touched) given += one.rows;
  for (const auto& one : out.partitions) {
    staged.area.make_durable(one.add);
    for (const auto& file : one.add) effect.bytes_written += file.bytes;
    effect.files_written += static_cast<int64_t>(one.add.size());
  }
  if (given != effect.inserted + effect.updated + effect.unchanged ||
      placing.rows_written != effect.inserted + effect.updated + effect.copied) {
    throw Error(
        Cause::kInternal,
        fmt::format("the rows do not add up: {} staged; {} inserted, {} updated, {} unchanged; {} copied, and {} "
                    "written",
                    given, effect.inserted, effect.updated, effect.unchanged, effect.copied, placing.rows_written),
        "Nothing was published. Please report this with the pipeline's files.");
  }
  require_replaceable(table, "what this run was to replace", static_cast<size_t>(effect.files_removed));
  return out;
}

}  // namespace metl::pipeline

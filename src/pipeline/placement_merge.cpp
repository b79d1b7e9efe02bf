// A merge: of each key within a partition the newest row stays, whether the table has it or the day brings it. Files
// none of whose rows lose their place are not touched, and a partition that nothing changes gets no file.
//
// What "newest" means does not depend on which day ran first: rows are compared by the order's columns, then by all
// others, and where all of that is the same, the row that came with the earlier execution date stays.
#include <algorithm>
#include <charconv>

#include "base/error.h"
#include "pipeline/placement_parts.h"
#include "sql/names.h"

namespace metl::pipeline {
namespace {

constexpr const char* kLive = "metl_live_rows";      // of files that may hold a key of the day
constexpr const char* kMatched = "metl_matched";     // their rows with such a key
constexpr const char* kRanked = "metl_ranked_rows";  // these and the day's rows, with their place in their key

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The columns that say which row is the same: those of the partition and of the key.
std::vector<std::string> identity(const Definition& pipeline) {
  std::vector<std::string> out = pipeline.partition_columns;
  for (const auto& name : pipeline.merge_key) {
    if (!contains(out, name)) out.push_back(name);
  }
  return out;
}

std::string same_key(const Definition& pipeline, const char* a, const char* b) {
  std::vector<std::string> parts;
  for (const auto& name : identity(pipeline))
    parts.push_back(fmt::format("{0}.{2} IS NOT DISTINCT FROM {1}.{2}", a, b, sql::identifier(name)));
  return fmt::format("{}", fmt::join(parts, " AND "));
}

// In this order the row that stays is the first of its key.
std::string newest_first(const Definition& pipeline, const sql::Dialect& dialect) {
  std::vector<std::string> keys;
  const auto add = [&](const std::string& name, const char* direction) {
    const Field& column = *find_field(pipeline.target_columns, name);
    keys.push_back(dialect.sort_key(sql::identifier(name), column.type) + direction);
  };
  for (const auto& name : pipeline.merge_order) add(name, " DESC NULLS LAST");
  const auto known = identity(pipeline);
  for (const auto& column : pipeline.target_columns) {
    if (!contains(known, column.name) && !contains(pipeline.merge_order, column.name) &&
        column.name != pipeline.run_date_column)
      add(column.name, " DESC NULLS LAST");
  }
  if (pipeline.run_date_column && !contains(known, *pipeline.run_date_column))
    add(*pipeline.run_date_column, " ASC NULLS FIRST");
  keys.emplace_back("metl_fresh");  // the table's own before the same row once more
  return fmt::format("{}", fmt::join(keys, ", "));
}

// -1, 0 or 1; nothing where the type's bounds cannot be compared as the text that they are.
std::optional<int> compared(const Type& type, const std::string& a, const std::string& b) {
  if (type.kind == Type::Kind::kString || type.kind == Type::Kind::kDate) return a.compare(b);
  if (!type.is_whole()) return std::nullopt;
  int64_t x = 0, y = 0;
  const bool whole = std::from_chars(a.data(), a.data() + a.size(), x).ptr == a.data() + a.size() &&
                     std::from_chars(b.data(), b.data() + b.size(), y).ptr == b.data() + b.size();
  if (!whole) return std::nullopt;
  return x < y ? -1 : static_cast<int>(x > y);
}

// Whether by its statistics the file may hold one of the partition's new keys.
bool may_hold(const table::File& file, const Definition& pipeline, const TouchedPartition& partition) {
  for (size_t i = 0; i < pipeline.merge_key.size(); ++i) {
    if (!partition.bounds[i]) continue;
    const Type& type = find_field(pipeline.target_columns, pipeline.merge_key[i])->type;
    const FileBounds bounds = bounds_of(file, pipeline.merge_key[i]);
    if (bounds.greatest && compared(type, *bounds.greatest, partition.bounds[i]->first).value_or(0) < 0) return false;
    if (bounds.least && compared(type, *bounds.least, partition.bounds[i]->second).value_or(0) > 0) return false;
  }
  return true;
}

std::vector<const table::File*> candidates(const Placing& placing, const std::vector<TouchedPartition>& touched) {
  std::vector<const table::File*> out;
  for (const auto& file : placing.live()) {
    for (const auto& one : touched) {
      if (belongs(file, one.values) && may_hold(file, placing.pipeline(), one)) out.push_back(&file);
    }
  }
  return out;
}

Schema with(Schema columns, std::initializer_list<const char*> numbers) {
  for (const char* name : numbers) columns.push_back({name, *parse_type("bigint"), true, ""});
  return columns;
}

// The day's rows and the table's rows of the same keys, each with its place; `matched`: the table had its key.
void rank(Placing& placing) {
  const Definition& pipeline = placing.pipeline();
  placing.keep(kMatched,
               fmt::format("SELECT metl_l.* FROM {} AS metl_l SEMI JOIN {} AS metl_n ON {}", kLive, kStagedView,
                           same_key(pipeline, "metl_l", "metl_n")),
               with(pipeline.target_columns, {kFileNumber}));
  std::vector<std::string> key;
  for (const auto& name : identity(pipeline)) key.push_back(sql::identifier(name));
  const std::string columns = placing.target_columns();
  placing.keep(
      kRanked,
      fmt::format("SELECT {0}, {4}, metl_fresh, CAST(row_number() OVER (PARTITION BY {1} ORDER BY {2}) AS "
                  "BIGINT) AS metl_place, max(1 - metl_fresh) OVER (PARTITION BY {1}) AS metl_had FROM ("
                  "SELECT {0}, CAST(NULL AS BIGINT) AS {4}, CAST(1 AS BIGINT) AS metl_fresh FROM {3} UNION ALL "
                  "SELECT {0}, {4}, CAST(0 AS BIGINT) AS metl_fresh FROM {5}) AS metl_both",
                  columns, fmt::join(key, ", "), newest_first(pipeline, placing.engine().dialect()), kStagedView,
                  kFileNumber, kMatched),
      with(pipeline.target_columns, {kFileNumber, "metl_fresh", "metl_place", "metl_had"}));
}

void count(const Placing& placing, Effect& effect) {
  const auto rows = placing.counts(
      fmt::format("SELECT count(CASE WHEN metl_fresh = 1 AND metl_place = 1 AND metl_had = 0 THEN 1 END), "
                  "count(CASE WHEN metl_fresh = 1 AND metl_place = 1 AND metl_had = 1 THEN 1 END), "
                  "count(CASE WHEN metl_fresh = 1 AND metl_place > 1 THEN 1 END), "
                  "count(CASE WHEN metl_fresh = 0 AND metl_place > 1 THEN 1 END) FROM {}",
                  kRanked));
  effect.inserted = rows.at(0);
  effect.updated = rows.at(1);
  effect.unchanged = rows.at(2);
  effect.removed = rows.at(3);
}

}  // namespace

Placement merge(Placing& placing, const std::vector<TouchedPartition>& touched) {
  if (touched.empty()) return {};
  const Definition& pipeline = placing.pipeline();
  const std::vector<const table::File*> files = candidates(placing, touched);
  placing.view(kLive, files);
  rank(placing);
  Placement out;
  count(placing, out.effect);

  std::map<table::Partition, std::vector<size_t>> losing;  // the files that lose a row
  const Rows found = placing.engine().query(fmt::format(
      "SELECT DISTINCT {0} FROM {1} WHERE metl_fresh = 0 AND metl_place > 1 ORDER BY {0}", kFileNumber, kRanked));
  std::vector<size_t> all;
  for (const auto& row : found.rows) {
    all.push_back(static_cast<size_t>(std::get<int64_t>(row.at(0))));
    losing[files.at(all.back())->partition].push_back(all.back());
  }
  if (!all.empty()) {
    const auto rows = placing.counts(
        fmt::format("SELECT count(*) FROM {} WHERE {} IN ({})", kLive, kFileNumber, fmt::join(all, ", ")));
    out.effect.copied = rows.at(0) - out.effect.removed;
  }
  for (const auto& one : touched) {
    const std::string here = in_partition(pipeline, one.values);
    std::vector<std::string> selects{fmt::format("SELECT {} FROM {} WHERE metl_fresh = 1 AND metl_place = 1 AND {}",
                                                 placing.file_columns(), kRanked, here)};
    PartitionFiles change{one.values, {}, std::vector<std::string>{}};
    if (const auto lost = losing.find(one.values); lost != losing.end()) {
      std::vector<const table::File*> again;
      for (const size_t number : lost->second) {
        again.push_back(files[number]);
        change.remove->push_back(files[number]->path);
        ++out.effect.files_removed;
      }
      const std::string rewritten = placing.view("metl_rewritten", again);
      selects.push_back(fmt::format("SELECT {} FROM {} AS metl_l ANTI JOIN (SELECT * FROM {} WHERE {}) AS metl_n ON {}",
                                    placing.file_columns("metl_l."), rewritten, kStagedView, here,
                                    same_key(pipeline, "metl_l", "metl_n")));
      selects.push_back(fmt::format("SELECT {} FROM {} WHERE metl_fresh = 0 AND metl_place = 1 AND {} IN ({}) AND {}",
                                    placing.file_columns(), kRanked, kFileNumber, fmt::join(lost->second, ", "), here));
    }
    change.add = placing.write(one.values, fmt::format("SELECT * FROM ({}) AS metl_all{}",
                                                       fmt::join(selects, " UNION ALL "), placing.order()));
    if (!change.add.empty() || !change.remove->empty()) out.partitions.push_back(std::move(change));
  }
  return out;
}

}  // namespace metl::pipeline

#include <algorithm>

#include "base/error.h"
#include "pipeline/placement_parts.h"

namespace metl::pipeline {
namespace {

// The live files that may hold rows of the day. `whole`: those that hold nothing else, as far as the log says.
struct OfDay {
  std::vector<const table::File*> whole;
  std::vector<const table::File*> mixed;
};

enum class Holds { kNothing, kSome, kOnly };

// Whether the file holds rows with this value, which is a day or an hour, by what the log says of it.
Holds holds(const table::File& file, const std::string& column, const std::string& value) {
  const auto partition = file.partition.find(column);
  if (partition != file.partition.end()) return partition->second == value ? Holds::kOnly : Holds::kNothing;
  const FileBounds bounds = bounds_of(file, column);
  const auto less = [](const std::string& a, const std::string& b) {  // hours have one digit or two
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  };
  if (bounds.least && less(value, *bounds.least)) return Holds::kNothing;
  if (bounds.greatest && less(*bounds.greatest, value)) return Holds::kNothing;
  const bool only = bounds.least == value && bounds.greatest == value && !bounds.has_null && file.rows >= 0;
  return only ? Holds::kOnly : Holds::kSome;
}

OfDay files_of_day(const Placing& placing) {
  const auto own = placing.pipeline().run_values(placing.staged().interval);
  OfDay out;
  for (const auto& file : placing.live()) {
    Holds all = Holds::kOnly;
    for (const auto& [column, value] : own) all = std::min(all, holds(file, column, value));
    if (all == Holds::kOnly) out.whole.push_back(&file);
    if (all == Holds::kSome) out.mixed.push_back(&file);
  }
  return out;
}

// The files that go, and the rows of other days that were in them, by partition.
class Replacing {
 public:
  explicit Replacing(Placing& placing, Placement& out) : placing_(placing), out_(out) {}

  void remove(const table::File& file, int64_t rows_of_day) {
    entry(file).remove->push_back(file.path);
    ++out_.effect.files_removed;
    out_.effect.removed += rows_of_day;
  }

  // Of these files the rows of other days stay.
  void rewrite(const std::vector<const table::File*>& files) {
    if (files.empty()) return;
    const std::string view = placing_.view("metl_mixed", files);
    const std::string of_day =
        in_partition(placing_.pipeline(), placing_.pipeline().run_values(placing_.staged().interval));
    const Rows counts = placing_.engine().query(
        fmt::format("SELECT {0}, count(*), count(CASE WHEN {1} THEN 1 END) FROM {2} GROUP BY {0} ORDER BY {0}",
                    kFileNumber, of_day, view));
    std::map<table::Partition, std::vector<size_t>> kept;  // the numbers of files that have rows of other days
    for (const auto& row : counts.rows) {
      const auto number = static_cast<size_t>(std::get<int64_t>(row[0]));
      const auto all = std::get<int64_t>(row[1]), ours = std::get<int64_t>(row[2]);
      if (ours == 0) continue;
      remove(*files.at(number), ours);
      if (all == ours) continue;
      kept[files[number]->partition].push_back(number);
      out_.effect.copied += all - ours;
    }
    for (const auto& [partition, numbers] : kept) {
      const auto written =
          placing_.write(partition, fmt::format("SELECT {} FROM {} WHERE {} IN ({}) AND NOT coalesce({}, false){}",
                                                placing_.file_columns(), view, kFileNumber, fmt::join(numbers, ", "),
                                                of_day, placing_.order()));
      auto& add = entry(*files[numbers.front()]).add;
      add.insert(add.end(), written.begin(), written.end());
    }
  }

 private:
  // The file's partition among those of the placement.
  PartitionFiles& entry(const table::File& file) {
    for (auto& one : out_.partitions) {
      if (one.partition == file.partition) return one;
    }
    if (file.partition.size() < placing_.pipeline().partition_columns.size()) {
      throw Error(Cause::kNotSupported, fmt::format("rows of the day are in a partition of NULL: {}", file.path),
                  "Another writer put them there. Remove them with that engine, then run again.");
    }
    out_.partitions.push_back({file.partition, {}, std::vector<std::string>{}});
    return out_.partitions.back();
  }

  Placing& placing_;
  Placement& out_;
};

}  // namespace

Placement append(Placing& placing, const std::vector<TouchedPartition>& touched) {
  Placement out;
  for (const auto& one : touched) {
    out.partitions.push_back({one.values, placing.write_staged(one), std::vector<std::string>{}});
    out.effect.inserted += one.rows;
  }
  const OfDay earlier = files_of_day(placing);
  Replacing replacing(placing, out);
  for (const auto* file : earlier.whole) replacing.remove(*file, file->rows);
  replacing.rewrite(earlier.mixed);
  return out;
}

}  // namespace metl::pipeline

// What the write modes have in common. Internal to the placement.
#pragma once

#include <string>
#include <vector>

#include "pipeline/placement.h"

namespace metl::pipeline {

inline constexpr const char* kStagedView = "metl_staged_rows";

// The column of a view of live files that tells each row's file: its place among the view's files.
inline constexpr const char* kFileNumber = "metl_file";

// One attempt to place staged rows on a version of the table.
class Placing {
 public:
  Placing(engine::Engine& engine, const Staged& staged, const table::Table& table, int attempt);

  engine::Engine& engine() const { return engine_; }
  const Staged& staged() const { return staged_; }
  const Definition& pipeline() const { return staged_.pipeline; }
  const std::vector<table::File>& live() const { return live_; }

  // Writes a SELECT of the file columns as files of a partition, in the SELECT's order.
  std::vector<engine::DataFile> write(const table::Partition& partition, const std::string& select);

  // The staged rows of the partition.
  std::vector<engine::DataFile> write_staged(const TouchedPartition& partition);

  // Writes a SELECT for this run's own use, and makes it a view of these columns; returns the view's name.
  std::string keep(const std::string& name, const std::string& select, const Schema& columns);

  // A view of these live files, with the target's columns and kFileNumber.
  std::string view(const std::string& name, const std::vector<const table::File*>& files);

  // The columns of the table's files, and all of the target's, as a list for SELECT.
  std::string file_columns(const std::string& prefix = {}) const;
  std::string target_columns(const std::string& prefix = {}) const;
  std::string order() const;  // " ORDER BY ..." of the table's files; "" for none

  std::vector<int64_t> counts(const std::string& sql) const;  // of a query of one row
  int64_t rows_written = 0;

 private:
  engine::Engine& engine_;
  const Staged& staged_;
  const table::Table& table_;
  std::string prefix_;
  int next_ = 0;
  std::vector<table::File> live_;
};

// The condition that a row is of this partition.
std::string in_partition(const Definition& pipeline, const table::Partition& partition);

// Whether a live file is of such a partition; values of some columns stand for all partitions that have them.
bool belongs(const table::File& file, const table::Partition& partition);

// A bound of a column that its file's statistics tell, as text; nothing where they do not.
struct FileBounds {
  std::optional<std::string> least, greatest;
  bool has_null = true;  // or it is not known
};
FileBounds bounds_of(const table::File& file, const std::string& column);

Placement overwrite(Placing& placing, const std::vector<TouchedPartition>& touched);
Placement append(Placing& placing, const std::vector<TouchedPartition>& touched);
Placement merge(Placing& placing, const std::vector<TouchedPartition>& touched);

}  // namespace metl::pipeline

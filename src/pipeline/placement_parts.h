// What the write modes have in common. Internal to the placement.
#pragma once

#include <string>
#include <vector>

#include "pipeline/placement.h"

namespace metl::pipeline {

inline constexpr const char* kStagedView = "metl_staged_rows";

// A live file that may have to be written anew. Its rows carry its number in the column kFileNumber of the view.
struct Candidate {
  const table::File* file = nullptr;
  std::string partition;  // its values as one text: files of one partition have the same
};
inline constexpr const char* kFileNumber = "metl_file";

// One attempt to place staged rows on a version of the table.
class Placing {
 public:
  Placing(engine::Engine& engine, const Staged& staged, const table::Table& table, int attempt);

  engine::Engine& engine() const { return engine_; }
  const Staged& staged() const { return staged_; }
  const Definition& pipeline() const { return staged_.pipeline; }
  const std::vector<table::File>& live() const { return live_; }

  // Writes a SELECT of the file columns, and more where `select` names more, as files of a partition; in its order.
  std::vector<engine::DataFile> write(const table::Partition& partition, const std::string& select);

  // Writes a SELECT for this run's own use, and makes it a view of these columns; returns the view's name.
  std::string keep(const std::string& name, const std::string& select, const Schema& columns);

  // A view of these live files, with the target's columns and kFileNumber.
  std::string view(const std::string& name, const std::vector<Candidate>& files);

  // Two columns of the run's own among the target's.
  std::string file_columns(const std::string& prefix = {}) const;
  std::string target_columns(const std::string& prefix = {}) const;
  std::string order() const;  // " ORDER BY ..." of the table's files; "" for none

  int64_t number(const std::string& sql) const;  // a query of one value, NULL as 0
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
std::string text_of(const table::Partition& partition);

// A bound of a column that its file's statistics tell, as text; nothing where they do not.
struct FileBounds {
  std::optional<std::string> least, greatest;
  bool has_null = true;  // or it is not known
};
FileBounds bounds_of(const table::File& file, const std::string& column);

// The candidates' numbers as a list for IN.
std::string numbers_of(const std::vector<size_t>& files);

Placement overwrite(Placing& placing, const std::vector<TouchedPartition>& touched);
Placement append(Placing& placing, const std::vector<TouchedPartition>& touched);
Placement merge(Placing& placing, const std::vector<TouchedPartition>& touched);

}  // namespace metl::pipeline

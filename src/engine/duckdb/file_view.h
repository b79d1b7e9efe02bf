// The SELECT over the Parquet files of a dataset: one scan, whatever the number of files and partitions.
//
// What is known of a file and not in it (its partition's values, its deleted rows) comes from SQL functions of the
// file's name. They are pure, so DuckDB evaluates a filter on a partition column for each file while it plans, and
// opens none of those that cannot match: one day of 10,000 costs a tenth of a second.
// Rejected: a UNION ALL of one scan a partition, which opens a file of each and plans for a minute; DuckDB's own
// hive_partitioning, since the folders' names are not what the log says; a join with a table of the values, which opens
// every file first.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/duckdb/client.h"
#include "engine/engine.h"

namespace metl::engine {

// What the views of one client know of their files.
class FileFacts {
 public:
  FileFacts();
  ~FileFacts();
  FileFacts(const FileFacts&) = delete;
  FileFacts& operator=(const FileFacts&) = delete;

  // The name of a new variable that holds these paths.
  std::string add_files(Client& client, const std::vector<std::string>& paths);

  // The name of a new function of a file's name: the value of `column`, as text, for the files of these groups.
  std::string add_constant(Client& client, const std::string& column, const std::vector<const FileGroup*>& groups);

  // The name of a new function of a file's name and the number of a row there: whether that row is deleted.
  std::string add_deleted(Client& client, const std::vector<const FileGroup*>& groups);

 private:
  struct Constants;
  struct Deleted;
  size_t lists_ = 0;
  std::vector<std::unique_ptr<Constants>> constants_;
  std::vector<std::unique_ptr<Deleted>> deleted_;
};

// Files written before a column was added do not have it; it is NULL there, as the Delta protocol says.
std::string files_select(Client& client, FileFacts& facts, const Schema& columns, const std::vector<FileGroup>& groups,
                         const StoredColumns& stored);

}  // namespace metl::engine

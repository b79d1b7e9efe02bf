// The one way in which the statements of a stage read the day's files: the columns that the pipeline declares, as their
// declared types, and where each row stands. Whatever else the files hold, and however they call it, is not seen.
//
// Columns have names of ours on the way, as DuckDB's file_index and file_row_number give way to a real column of such a
// name. Files are read by the plain read_parquet() as far as they are alike: its parameter `schema` renames and casts,
// and DuckDB then knows no bounds of the columns, which doubles the cost of sorting them.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"

namespace metl::engine {

class DayScan {
 public:
  // `request` outlives this.
  explicit DayScan(const StageRequest& request);

  // "metl_3": the name of the fourth declared column.
  static std::string column(size_t index);

  // The names of these declared columns. Each must be one.
  std::vector<std::string> columns(const std::vector<std::string>& declared) const;

  // What stands behind FROM for these sources, by their place among all: the declared columns; metl_file, a source's
  // place in `files` from 0; metl_row, a row's in its file from 0.
  std::string sql(const std::vector<size_t>& files) const;
  std::string sql(size_t first, size_t last) const;  // both included
  std::string sql() const { return sql(0, request_.sources.size() - 1); }

 private:
  std::string sql_of_alike(const std::vector<size_t>& files, const std::string& file) const;

  const StageRequest& request_;
  std::vector<size_t> kind_;  // of each source; files of one kind store the declared columns alike
};

}  // namespace metl::engine

#include "pipeline/logged_files.h"

#include <chrono>

#include "base/time.h"
#include "table/statistics.h"

namespace metl::pipeline {

std::vector<table::File> logged_files(const table::Table& table, const Schema& columns, const StagingArea& staging,
                                      const std::vector<engine::DataFile>& files) {
  std::vector<table::File> out;
  const auto indexed = table.statistics_columns();
  const int64_t now = unix_millis(std::chrono::system_clock::now());
  for (const auto& file : files) {
    out.push_back({staging.relative(file.path), file.bytes, file.rows, now,
                   table::delta_stats(file.rows, file.stats, columns, indexed)});
  }
  return out;
}

}  // namespace metl::pipeline

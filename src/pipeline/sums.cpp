#include "pipeline/sums.h"

#include <algorithm>

#include "base/error.h"

namespace metl::pipeline {
namespace {

void require(bool adds_up, const std::string& what) {
  if (adds_up) return;
  throw Error(Cause::kInternal, "internal error: the numbers of the run do not add up: " + what,
              "Please report it, with the run record and the day's footers.");
}

}  // namespace

void require_sums(int64_t rows_read, const engine::StageResult& result,
                  const std::vector<engine::SourceFile>& footers) {
  require(rows_read == result.duplicates + result.given,
          fmt::format("{} rows read, {} dropped as duplicates, {} given to the transform", rows_read, result.duplicates,
                      result.given));
  require(!result.at_most_one || result.rows <= result.given,
          fmt::format("the transform gave {} rows for {}", result.rows, result.given));
  int64_t rows = 0;
  for (const auto& file : result.files) rows += file.rows;
  require(rows == result.rows, fmt::format("{} rows written, {} of them into files", result.rows, rows));
  require(footers.size() == result.files.size(),
          fmt::format("{} files written, {} found", result.files.size(), footers.size()));
  for (size_t i = 0; i < footers.size(); ++i) {
    const auto& wrote = result.files[i];
    const auto& found = footers[i];
    require(wrote.rows == found.rows && wrote.bytes == found.bytes,
            fmt::format("{} was written with {} rows in {} bytes, and has {} in {}", wrote.path, wrote.rows,
                        wrote.bytes, found.rows, found.bytes));
  }
}

}  // namespace metl::pipeline

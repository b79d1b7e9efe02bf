// What a run did, for people (a summary), for programs (one JSON document) and for later (the run record).
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "pipeline/placement.h"
#include "quality/scan.h"

namespace metl::pipeline {

enum class Status {
  kPublished,
  kDryRun,        // everything but the commit
  kKept,          // no input; the partition stays as it was
  kChecksFailed,  // exit 2; published only with gate: after_publish
  kFailed,        // ended by an Error
};

struct RunReport {
  std::string run_id;
  std::string pipeline;
  std::string execution_date;
  std::optional<int> execution_hour;
  std::string table;       // database.table
  std::string table_root;  // its location
  std::string engine;
  std::string command;  // that runs the same day again
  std::chrono::system_clock::time_point started;
  Status status = Status::kFailed;
  bool published = false;

  std::string source_folder;
  int64_t source_files = 0;
  uint64_t source_bytes = 0;
  int64_t rows_read = 0;
  std::vector<std::string> passed_over;  // what lay beside the raw files and was not read
  int64_t duplicates = 0;
  std::optional<int64_t> dropped_by_transform;  // rows; known where each gives one row or none
  std::optional<int64_t> quarantined;           // rows that the checks had set aside; none where they set nothing aside
  int64_t rows_staged = 0;
  int64_t files_staged = 0;
  uint64_t bytes_staged = 0;
  int64_t files_before = 0;         // of the partition; replaced, once the run has published
  std::optional<Effect> effect;     // on partitions of the data; nothing said: the staged files are what is published
  std::optional<uint64_t> version;  // of the commit
  std::optional<quality::ScanResult> checks;
  std::vector<std::pair<std::string, double>> steps;  // name, seconds, in order
  double seconds = 0;
  uint64_t peak_memory = 0;    // bytes, of this process so far
  std::optional<Error> error;  // kFailed

  ExitCode exit_code() const;

  // By the commit, or what it would write.
  int64_t rows_written() const { return effect ? effect->inserted + effect->updated + effect->copied : rows_staged; }
  int64_t files_written() const { return effect ? effect->files_written : files_staged; }
  uint64_t bytes_written() const { return effect ? effect->bytes_written : bytes_staged; }
};

// The checks part of a report, a commit's user metadata and a run record: counts, and each check that did not pass.
nlohmann::ordered_json checks_summary(const quality::ScanResult& checks);

// The numbers of a run that changes partitions of the data.
nlohmann::ordered_json effect_json(const Effect& effect);

// The documented JSON form (docs/operations.md); the run record is the same on one line.
nlohmann::ordered_json to_json(const RunReport& report);

// The summary on standard output: some ten lines.
std::string to_text(const RunReport& report, bool colour);

}  // namespace metl::pipeline

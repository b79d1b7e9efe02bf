// One day, from raw files to a published partition: the story of the program as one function.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/time.h"
#include "engine/engine.h"
#include "pipeline/definition.h"
#include "pipeline/report.h"
#include "table/catalog/catalog.h"

namespace metl::pipeline {

struct RunRequest {
  Definition pipeline;
  Date day;
  std::optional<int> hour = std::nullopt;  // 0..23, where raw files land by the hour
  std::string raw_location;                // absolute local path, or in a store that open_storage() opened
  std::string curated_location;            // the warehouse; the same
  std::string environment;                 // of the configuration: ${env} in transform.sql
  std::string config_file;                 // absolute path
  std::string table;                       // database.table
  std::string table_root;                  // where the catalog has it, or will have it; the same
  table::Catalog& catalog;
  uint64_t target_bytes = 128'000'000;
  std::string compression = "zstd";
  std::string parquet_version = "v1";
  std::vector<std::string> sensitive_columns;  // their values are neither shown nor kept by checks
  mode_t record_mode = files::kPrivate;        // rights of samples, run record and history, as local files
  std::chrono::seconds wait{0};                // for a day that has not landed
  bool dry_run = false;
  bool evolve = false;
  bool take_over = false;    // of a table that is another pipeline's
  std::string command = {};  // that runs the same day again, for the record

  source::Interval interval() const { return {day, hour}; }
};

// What a run tells while it works; the first two may be called from other threads.
struct RunEvents {
  std::function<void(const std::string& step)> step;
  engine::Progress progress;
  std::function<void()> published;  // the day is published, and nothing that follows changes that it ended well
};

// "20210101T043000-1f2e3d4c": sorts by time, unique by chance.
std::string new_run_id(std::chrono::system_clock::time_point now);

// The report of a run that begins now, under a new id; what is logged from here on names it.
RunReport begun_report(const RunRequest& request);

// Runs one day. Never throws for what can go wrong with a day: that is in the report; after a request to stop
// (base/stop.h) the report's error is that request, unless the day is published. Appends the run record to
// `<curated_location>/_runs/`. On return the partition is the old one or the new one, and nothing staged is left.
RunReport run_day(const RunRequest& request, engine::Engine& engine, const RunEvents& events);

}  // namespace metl::pipeline

// The feed's one story: read what was committed, write it as files of days, remember where that ended.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/type.h"
#include "engine/duckdb/client.h"
#include "engine/engine.h"
#include "feed/description.h"
#include "kafka/reader.h"

namespace metl::feed {

struct IngestRequest {
  const Description& feed;
  const Schema& columns;  // of the pipeline's source
  std::string day_path;   // of a day's folder below the raw location: "{yyyy}/{MM}/{dd}"
  std::string raw;        // an absolute local path
  std::string group;      // the name under which brokers know the ingest
  engine::WriteOptions write;
  bool follow = false;        // until it is asked to stop; else up to what there is now
  std::optional<Date> until;  // no further than the last event that the broker got on this day
  int64_t max_rate = 0;       // events a second; 0 for no limit
  bool skip_lost = false;     // goes on where the topic begins now, instead of ending with an error
};

struct PartitionReport {
  int64_t next = 0;  // the offset that is read next
  int64_t end = 0;   // where this ingest was to end; when it follows, what there was when it began
};

struct IngestReport {
  int64_t events = 0;    // in files of days
  int64_t rejected = 0;  // in files of _rejected/
  int64_t files = 0;
  std::map<kafka::Partition, PartitionReport> partitions;
  bool stopped = false;  // by a request, before its end; what had been read is in files
};

// Throws Error: kConflict when another ingest reads the same partition, kBadInput for more bad messages than
// max_rejected and for offsets that the topic has lost, kUnreachable, and what files and the engine throw. Whatever it
// throws, a later ingest reads on where the last files end.
IngestReport ingest(const IngestRequest& request, engine::Client& client,
                    const std::function<void(const IngestReport&)>& progress);

}  // namespace metl::feed

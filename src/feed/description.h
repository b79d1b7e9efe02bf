// What pipeline.yaml says of its feed: the topics whose events become the pipeline's raw files (docs/feed.md).
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace metl::feed {

// What of a message, beside its value, can be a column.
enum class Part { kTopic, kPartition, kOffset, kTimestamp, kKey };

struct Description {
  std::string place;    // "pipeline.yaml:12:1: feed", for messages
  std::string brokers;  // "host:port,host:port"
  std::vector<std::string> topics;
  std::string event_time;            // a column: the day of an event is that of this time
  int64_t ticks = 1;                 // of an event time that is a number: so many are a second
  std::string zone = "UTC";          // whose midnight parts the days
  int64_t roll_bytes = 128'000'000;  // of messages in memory, at most about: then files are written
  std::chrono::seconds roll_every{300};
  int64_t max_rejected = 0;                     // bad messages of one ingest that are put aside
  std::map<std::string, Part> parts;            // columns of the files that no value holds
  std::map<std::string, std::string> settings;  // librdkafka's own
};

}  // namespace metl::feed

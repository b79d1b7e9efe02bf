// Reads partitions of topics from offsets that its user names: what was committed, each record once. Who reads what is
// not agreed upon through the brokers: the feed's own records say from where to read (docs/feed.md). The only room that
// includes librdkafka.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace metl::kafka {

struct Partition {
  std::string topic;
  int32_t number = 0;
  auto operator<=>(const Partition&) const = default;
};

// "orders-3", for messages and names of files.
inline std::string to_text(const Partition& partition) {
  return partition.topic + "-" + std::to_string(partition.number);
}

// The offsets that the broker has: the first that is kept, and the one behind the last that is committed.
struct Range {
  int64_t first = 0;
  int64_t end = 0;
};

struct Message {
  const Partition& partition;
  int64_t offset = 0;
  int64_t millis = 0;  // of the broker or the producer, as the topic says; 0 when there is none
  bool has_key = false;
  bool has_value = false;
  std::string_view key = {};
  std::string_view value = {};
};

struct Connection {
  std::string brokers;                          // "host:port,host:port"
  std::string group;                            // the name under which brokers know the reader
  std::map<std::string, std::string> settings;  // librdkafka's own
};

class Reader {
 public:
  // Throws Error{kConfiguration} that names the setting which librdkafka does not take.
  explicit Reader(const Connection& connection);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Throws Error{kUnreachable} when no broker answers, Error{kConfiguration} for a topic that there is not.
  std::vector<Partition> partitions(const std::vector<std::string>& topics);

  // Throws Error{kUnreachable}.
  Range range(const Partition& partition);

  // The first offset whose time is at or behind this one, milliseconds of Unix; `otherwise` when there is none. Throws
  // Error{kUnreachable}.
  int64_t offset_at(const Partition& partition, int64_t millis, int64_t otherwise);

  // From these offsets on.
  void start(const std::map<Partition, int64_t>& from);

  // No more of this partition.
  void leave(const Partition& partition);

  // Up to `most` records, waiting no longer than `time` for the first. `at_end` is called with the next offset when
  // a partition has no more committed records. Throws Error{kBadInput} when the offset to be read is not there any
  // more, Error{kUnreachable} when no broker has answered for a minute.
  void poll(std::chrono::milliseconds time, size_t most, const std::function<void(const Message&)>& on_message,
            const std::function<void(const Partition&, int64_t next)>& at_end);

 private:
  struct Client;
  std::unique_ptr<Client> client_;
};

}  // namespace metl::kafka

#include "kafka/reader.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "base/secrets.h"

namespace metl::kafka {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPatienceMillis = 20'000;              // for one question to the brokers
constexpr std::chrono::seconds kLongestSilence{60};  // of all brokers: a restart takes less
constexpr size_t kErrorText = 512;

struct DestroyList {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using List = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList>;

List list_of(int size) { return List(rd_kafka_topic_partition_list_new(size)); }

Error unreachable(const std::string& what, rd_kafka_resp_err_t why) {
  return {Cause::kUnreachable, fmt::format("{}: {}", what, rd_kafka_err2str(why)),
          "Check feed.brokers, the network, and that the brokers run."};
}

// A client without a broker to talk to says what it lacks in the log alone.
void pass_on(const rd_kafka_t*, int level, const char* facility, const char* text) {
  constexpr int kWarning = 4;
  if (level <= kWarning) {
    log::warning("kafka: {}: {}", facility, text);
  } else {
    log::debug("kafka: {}: {}", facility, text);
  }
}

class Settings {
 public:
  Settings() : conf_(rd_kafka_conf_new()) {}
  ~Settings() {
    if (conf_ != nullptr) rd_kafka_conf_destroy(conf_);
  }
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  void set(const std::string& name, const std::string& value) {
    std::array<char, kErrorText> why{};
    if (rd_kafka_conf_set(conf_, name.c_str(), value.c_str(), why.data(), why.size()) == RD_KAFKA_CONF_OK) return;
    throw Error(Cause::kConfiguration, fmt::format("feed.kafka.{}: {}", name, secrets::masked(why.data())),
                "The settings are those of librdkafka 2.0: see its CONFIGURATION.md.");
  }

  std::string get(const std::string& name) const {
    std::array<char, kErrorText> value{};
    size_t size = value.size();
    return rd_kafka_conf_get(conf_, name.c_str(), value.data(), &size) == RD_KAFKA_CONF_OK ? value.data() : "";
  }

  rd_kafka_t* consumer() {
    rd_kafka_conf_set_log_cb(conf_, pass_on);
    std::array<char, kErrorText> why{};
    rd_kafka_t* made = rd_kafka_new(RD_KAFKA_CONSUMER, conf_, why.data(), why.size());
    if (made == nullptr)
      throw Error(Cause::kConfiguration, fmt::format("feed.kafka: {}", secrets::masked(why.data())),
                  "The settings are those of librdkafka 2.0: see its CONFIGURATION.md.");
    conf_ = nullptr;  // the client's own now
    return made;
  }

 private:
  rd_kafka_conf_t* conf_;
};

rd_kafka_t* connected(const Connection& connection) {
  Settings settings;
  // What waits in memory while a batch is written; librdkafka asks for no more until it is taken.
  settings.set("queued.max.messages.kbytes", "16384");
  settings.set("fetch.message.max.bytes", "1048576");
  for (const auto& [name, value] : connection.settings) settings.set(name, value);
  settings.set("bootstrap.servers", connection.brokers);
  settings.set("group.id", connection.group);
  settings.set("isolation.level", "read_committed");
  settings.set("enable.auto.commit", "false");
  settings.set("enable.auto.offset.store", "false");
  settings.set("enable.partition.eof", "true");
  settings.set("auto.offset.reset", "error");
  settings.set("allow.auto.create.topics", "false");
  const bool signs_in = settings.get("security.protocol").starts_with("sasl");
  if (signs_in && settings.get("sasl.mechanisms") == "GSSAPI") {
    throw Error(Cause::kConfiguration, "feed.kafka.sasl.mechanisms: GSSAPI (Kerberos) is not in this program",
                "Set PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; without the setting librdkafka takes GSSAPI.");
  }
  return settings.consumer();
}

// Why a partition cannot be read on.
Error lost(const Partition& partition, const rd_kafka_message_t& message) {
  const char* why = rd_kafka_message_errstr(&message);
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET || message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    return {Cause::kBadInput,
            fmt::format("{}: the offset to be read next is not in the topic any more: {}", to_text(partition), why),
            "Start the ingest again: it says which offsets are lost."};
  }
  return {Cause::kUnreachable, fmt::format("{}: cannot be read: {}", to_text(partition), why),
          "Check that the topic is there and that this user may read it."};
}

}  // namespace

struct Reader::Client {
  rd_kafka_t* handle = nullptr;
  rd_kafka_queue_t* queue = nullptr;
  std::map<Partition, int64_t> reading;
  std::optional<Clock::time_point> silent_since;
  std::vector<rd_kafka_message_t*> taken;

  // The partition of a message, as `reading` holds it.
  const Partition* partition_of(const rd_kafka_message_t& message) const {
    if (message.rkt == nullptr) return nullptr;
    const auto found = reading.find({rd_kafka_topic_name(message.rkt), message.partition});
    return found == reading.end() ? nullptr : &found->first;
  }

  void fail(const rd_kafka_message_t& message) {
    const Partition* partition = partition_of(message);
    if (message.err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
      if (!silent_since) silent_since = Clock::now();
      return;
    }
    const bool passes =
        message.err == RD_KAFKA_RESP_ERR__TRANSPORT || message.err == RD_KAFKA_RESP_ERR__TIMED_OUT ||
        message.err == RD_KAFKA_RESP_ERR__RESOLVE || message.err == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT ||
        message.err == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE || message.err == RD_KAFKA_RESP_ERR_NOT_COORDINATOR;
    if (passes) {
      log::warning("kafka: {}", rd_kafka_message_errstr(&message));
    } else if (partition != nullptr) {
      throw lost(*partition, message);
    } else {
      throw unreachable("the brokers refuse to be read", message.err);
    }
  }
};

Reader::Reader(const Connection& connection) : client_(std::make_unique<Client>()) {
  client_->handle = connected(connection);
  rd_kafka_poll_set_consumer(client_->handle);
  client_->queue = rd_kafka_queue_get_consumer(client_->handle);
}

Reader::~Reader() {
  rd_kafka_consumer_close(client_->handle);
  rd_kafka_queue_destroy(client_->queue);
  rd_kafka_destroy(client_->handle);
}

std::vector<Partition> Reader::partitions(const std::vector<std::string>& topics) {
  std::vector<Partition> out;
  for (const auto& name : topics) {
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client_->handle, name.c_str(), nullptr);
    const struct rd_kafka_metadata* answer = nullptr;
    const auto failed = rd_kafka_metadata(client_->handle, 0, topic, &answer, kPatienceMillis);
    rd_kafka_topic_destroy(topic);
    if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) throw unreachable("no broker of feed.brokers answers", failed);
    const std::unique_ptr<const struct rd_kafka_metadata, decltype(&rd_kafka_metadata_destroy)> owner(
        answer, rd_kafka_metadata_destroy);
    const rd_kafka_metadata_topic_t& found = answer->topics[0];
    if (answer->topic_cnt != 1 || found.err != RD_KAFKA_RESP_ERR_NO_ERROR || found.partition_cnt == 0) {
      throw Error(Cause::kConfiguration,
                  fmt::format("feed.topics: '{}' cannot be read: {}", name, rd_kafka_err2str(found.err)),
                  "Check its name, that it is there, and that this user may read it.");
    }
    for (int i = 0; i < found.partition_cnt; ++i) out.push_back({name, found.partitions[i].id});
  }
  return out;
}

Range Reader::range(const Partition& partition) {
  Range out;
  const auto failed = rd_kafka_query_watermark_offsets(client_->handle, partition.topic.c_str(), partition.number,
                                                       &out.first, &out.end, kPatienceMillis);
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw unreachable(fmt::format("{}: its offsets cannot be asked for", to_text(partition)), failed);
  return out;
}

int64_t Reader::offset_at(const Partition& partition, int64_t millis, int64_t otherwise) {
  const List asked = list_of(1);
  rd_kafka_topic_partition_list_add(asked.get(), partition.topic.c_str(), partition.number)->offset = millis;
  auto failed = rd_kafka_offsets_for_times(client_->handle, asked.get(), kPatienceMillis);
  if (failed == RD_KAFKA_RESP_ERR_NO_ERROR) failed = asked->elems[0].err;
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw unreachable(fmt::format("{}: its offsets cannot be asked for", to_text(partition)), failed);
  return asked->elems[0].offset < 0 ? otherwise : asked->elems[0].offset;
}

void Reader::start(const std::map<Partition, int64_t>& from) {
  client_->reading = from;
  const List list = list_of(static_cast<int>(from.size()));
  for (const auto& [partition, offset] : from)
    rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number)->offset = offset;
  const auto failed = rd_kafka_assign(client_->handle, list.get());
  if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) throw unreachable("cannot begin to read", failed);
}

void Reader::leave(const Partition& partition) {
  const List list = list_of(1);
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.number);
  rd_kafka_pause_partitions(client_->handle, list.get());
}

void Reader::poll(std::chrono::milliseconds time, size_t most, const std::function<void(const Message&)>& on_message,
                  const std::function<void(const Partition&, int64_t next)>& at_end) {
  std::vector<rd_kafka_message_t*>& taken = client_->taken;
  taken.resize(most);
  const ssize_t count =
      rd_kafka_consume_batch_queue(client_->queue, static_cast<int>(time.count()), taken.data(), taken.size());
  taken.resize(count < 0 ? 0 : static_cast<size_t>(count));
  struct Given {
    std::vector<rd_kafka_message_t*>& messages;
    ~Given() {
      for (auto* message : messages) rd_kafka_message_destroy(message);
      messages.clear();
    }
  } const given{taken};
  for (const rd_kafka_message_t* message : taken) {
    const Partition* partition = client_->partition_of(*message);
    const bool ends = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !ends) {
      client_->fail(*message);
      continue;
    }
    client_->silent_since.reset();
    if (partition == nullptr) continue;
    if (ends) {
      at_end(*partition, message->offset);
      continue;
    }
    rd_kafka_timestamp_type_t kind{};
    const int64_t millis = rd_kafka_message_timestamp(message, &kind);
    on_message({.partition = *partition,
                .offset = message->offset,
                .millis = kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : millis,
                .has_key = message->key != nullptr,
                .has_value = message->payload != nullptr,
                .key = {static_cast<const char*>(message->key), message->key == nullptr ? 0 : message->key_len},
                .value = {static_cast<const char*>(message->payload), message->payload == nullptr ? 0 : message->len}});
  }
  if (client_->silent_since && Clock::now() - *client_->silent_since > kLongestSilence)
    throw unreachable("no broker has answered for a minute", RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN);
}

}  // namespace metl::kafka

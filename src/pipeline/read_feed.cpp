#include "pipeline/read_feed.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "base/environment.h"
#include "base/error.h"
#include "base/secrets.h"
#include "base/text.h"

namespace metl::pipeline {
namespace {

using Kind = Type::Kind;

Error wrong(const Definition& out, const Section& feed, const std::string& key, const std::string& what,
            const std::string& hint) {
  return yaml::error_at(out.file, feed.required(key), fmt::format("'{}' {}", feed.named(key), what), hint);
}

// A topic's name begins the names of its files: what begins with '.' or '_' is no data to any reader.
void require_topic(const Definition& out, const yaml::Node& place, const std::string& name) {
  constexpr size_t kLongest = 190;  // with partition and offsets, what file systems take
  const bool is_name = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c < 0x80 && std::isalnum(c) != 0) || c == '.' || c == '_' || c == '-';
  });
  if (!is_name) throw yaml::error_at(out.file, place, fmt::format("'feed.topics': '{}' is not a topic's name", name));
  if (name.front() == '.' || name.front() == '_' || name.size() > kLongest) {
    throw yaml::error_at(
        out.file, place, fmt::format("'feed.topics': files cannot be named after topic '{}'", name),
        fmt::format("Readers pass over names that begin with '.' or '_', and a file's name has at most so many "
                    "letters: a topic's may have {}.",
                    kLongest));
  }
}

void read_topics(Definition& out, const Section& feed) {
  const yaml::Node topics = feed.required("topics");
  if (!topics.is_sequence() || topics.size() == 0)
    throw yaml::error_at(out.file, topics, "'feed.topics' must be a list of topics");
  for (const auto& topic : topics) {
    const std::string name = topic.is_scalar() ? topic.text() : "";
    require_topic(out, topic, name);
    auto& known = out.feed->topics;
    if (std::find(known.begin(), known.end(), name) != known.end())
      throw yaml::error_at(out.file, topic, fmt::format("'feed.topics' names '{}' twice", name));
    known.push_back(name);
  }
}

// The parts of a message, by the words that pipeline.yaml has for them, and the types of their columns.
struct KnownPart {
  std::string word;
  feed::Part part;
  Type type;
};
const std::vector<KnownPart>& known_parts() {
  static const std::vector<KnownPart> kParts{
      {"topic", feed::Part::kTopic, {.kind = Kind::kString, .children = {}}},
      {"partition", feed::Part::kPartition, {.kind = Kind::kInt, .children = {}}},
      {"offset", feed::Part::kOffset, {.kind = Kind::kLong, .children = {}}},
      {"timestamp", feed::Part::kTimestamp, {.kind = Kind::kTimestamp, .children = {}}},
      {"key", feed::Part::kKey, {.kind = Kind::kBinary, .children = {}}}};
  return kParts;
}

void read_parts(Definition& out, const Section& feed) {
  std::vector<std::string> words;
  for (const auto& part : known_parts()) words.push_back(part.word);
  for (const auto& [column, word] : feed.texts("columns")) {
    const yaml::Node place = feed.required("columns")[column];
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) {
      throw yaml::error_at(out.file, place,
                           fmt::format("'feed.columns.{}' must be one of {}, not '{}'.{}", column,
                                       fmt::join(words, ", "), word, text::did_you_mean(word, words)));
    }
    const KnownPart& part = known_parts()[static_cast<size_t>(found - words.begin())];
    const Field* declared = find_field(out.source.contents.columns, column);
    if (declared != nullptr && declared->name != column)
      throw yaml::error_at(out.file, place,
                           fmt::format("'feed.columns.{}': source.columns calls it '{}'", column, declared->name),
                           "Write the name the same way in both places.");
    if (declared != nullptr && declared->type != part.type) {
      throw yaml::error_at(out.file, place,
                           fmt::format("'feed.columns.{}' is {}, but source.columns declares {}", column,
                                       type_name(part.type), type_name(declared->type)),
                           "Declare it as it is, or leave it out of source.columns.");
    }
    out.feed->parts[column] = part.part;
  }
}

void read_event_time(Definition& out, const Section& feed) {
  out.feed->event_time = feed.text("event_time");
  const auto part = out.feed->parts.find(out.feed->event_time);
  const auto& columns = out.source.contents.columns;
  const auto column =
      std::find_if(columns.begin(), columns.end(), [&](const Field& one) { return one.name == out.feed->event_time; });
  if (part != out.feed->parts.end() ? part->second != feed::Part::kTimestamp : column == columns.end()) {
    throw wrong(out, feed, "event_time",
                fmt::format("names '{}', which is no column of source.columns", out.feed->event_time),
                "It is a column whose time says the day of an event; or one that feed.columns makes of the timestamp.");
  }
  const Kind kind = part != out.feed->parts.end() ? Kind::kTimestamp : column->type.kind;
  const bool is_number = kind == Kind::kLong || kind == Kind::kInt;
  if (!is_number && kind != Kind::kDate && kind != Kind::kTimestamp && kind != Kind::kTimestampNtz) {
    throw wrong(out, feed, "event_time",
                fmt::format("names '{}', which is {}", out.feed->event_time, type_name(column->type)),
                "It must be a date, a timestamp, or a number with feed.event_time_unit.");
  }
  if (is_number != feed.has("event_time_unit")) {
    throw wrong(out, feed, "event_time",
                is_number ? "names a number: say by feed.event_time_unit what it counts"
                          : "names no number: feed.event_time_unit cannot be",
                "The units are s, ms and us, counted from 1970-01-01 in UTC.");
  }
  constexpr std::array<int64_t, 3> kTicks{1, 1'000, 1'000'000};
  if (is_number) out.feed->ticks = kTicks.at(feed.choice("event_time_unit", {"s", "ms", "us"}));
}

// A setting of librdkafka that is the program's own, or that it does not let be: why, or "" for any other.
std::string_view refused_setting(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kRefused{{
      {"bootstrap.servers", "it is feed.brokers"},
      {"metadata.broker.list", "it is feed.brokers"},
      {"isolation.level", "only what was committed is read"},
      {"enable.auto.commit", "the feed's own records say what was read"},
      {"auto.commit.enable", "the feed's own records say what was read"},
      {"enable.auto.offset.store", "the feed's own records say what was read"},
      {"enable.partition.eof", "the program needs to know the end of a partition"},
      {"auto.offset.reset", "an offset that is gone is an error"},
      {"allow.auto.create.topics", "a topic that there is not is an error"},
      {"plugin.library.paths", "the program loads no code"},
      {"group.id", "the program names it by the pipeline"},
      {"ssl.engine.location", "the program loads no code"},
  }};
  for (const auto& [refused, why] : kRefused) {
    if (name == refused) return why;
  }
  return "";
}

// librdkafka's own settings. A value that is a variable of the process, ${NAME}, keeps secrets out of the file.
void read_settings(Definition& out, const Section& feed) {
  const auto variables = process_variables();
  for (const auto& [name, written] : feed.texts("kafka")) {
    const yaml::Node place = feed.required("kafka")[name];
    if (const auto why = refused_setting(name); !why.empty())
      throw yaml::error_at(out.file, place, fmt::format("'feed.kafka.{}' cannot be set: {}", name, why), "Remove it.");
    std::string value = written;
    if (written.starts_with("${") && written.ends_with('}')) {
      const auto found = variables.find(written.substr(2, written.size() - 3));
      if (found == variables.end()) {
        throw yaml::error_at(out.file, place, fmt::format("'feed.kafka.{}': the variable {} is not set", name, written),
                             "Set it in the environment of the program.");
      }
      value = found->second;
    }
    if (secrets::named(name)) secrets::know(value);
    out.feed->settings[name] = value;
  }
}

void require_json(const Definition& out, const Section& feed) {
  feed.choice("format", {"json"});
  if (out.source.contents.text) {
    throw yaml::error_at(out.file, feed.required("topics"), "'feed' writes Parquet files, and source.format is another",
                         "Remove source.format: the messages' own format is feed.format.");
  }
  if (out.source.by_hour) {
    throw yaml::error_at(out.file, feed.required("topics"), "'feed' writes files of days, and source.path is of hours",
                         "Leave {HH} out of source.path.");
  }
  for (const auto& column : out.source.contents.columns) {
    if (column.type.kind != Kind::kBinary || out.feed->parts.contains(column.name)) continue;
    throw yaml::error_at(out.file, feed.required("topics"),
                         fmt::format("column '{}' is binary, which messages of JSON cannot hold", column.name),
                         "Declare it as string, and convert it in the transform.");
  }
}

}  // namespace

void read_feed(Definition& out, const Section& top) {
  const Section feed(out.file, top.required("feed"), "feed",
                     {"brokers", "topics", "format", "event_time", "event_time_unit", "zone", "roll", "max_rejected",
                      "columns", "kafka"});
  out.feed.emplace();
  out.feed->place = to_text(yaml::place_in(out.file, top.required("feed")));
  out.feed->brokers = feed.text("brokers");
  read_topics(out, feed);
  if (feed.has("columns")) read_parts(out, feed);
  require_json(out, feed);
  read_event_time(out, feed);
  if (feed.has("zone")) out.feed->zone = feed.text("zone");
  if (feed.has("max_rejected")) out.feed->max_rejected = feed.count("max_rejected");
  if (feed.has("kafka")) read_settings(out, feed);
  if (!feed.has("roll")) return;
  const Section roll(out.file, feed.required("roll"), "feed.roll", {"bytes", "every"});
  if (roll.has("every")) out.feed->roll_every = roll.duration("every");
  if (!roll.has("bytes")) return;
  out.feed->roll_bytes = text::parse_bytes(roll.text("bytes"));
  if (out.feed->roll_bytes <= 0)
    throw wrong(out, roll, "bytes", fmt::format("is '{}', which is no size", roll.text("bytes")),
                "Write one such as 128MB.");
}

}  // namespace metl::pipeline

#include "feed/batch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "engine/duckdb/exact_values.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"

namespace metl::feed {
namespace {

using engine::to_duckdb;
constexpr const char* kMessages = "metl_feed_messages";
constexpr const char* kDecoded = "metl_feed_decoded";

bool is_part(const Description& feed, const Field& column) { return feed.parts.contains(column.name); }

// A key of an object as a JSON pointer, in which nothing but these two letters means anything.
std::string pointer(const std::string& key) {
  return sql::literal("/" + text::replace_all(text::replace_all(key, "~", "~0"), "/", "~1"));
}

// How a declared column comes out of `metl_object`: what is read first, then the value and what is wrong with it, over
// what was read.
struct Reading {
  std::string reads;  // ", <expression> AS metl_r<i>"
  std::string value;
  std::string wrong;  // "" where nothing can be
};

Reading reading_of(const Field& column, size_t number) {
  const std::string key = pointer(column.name), wanted = to_duckdb(column.type);
  const std::string read = fmt::format("metl_r{}", number), json = fmt::format("metl_j{}", number);
  if (!column.type.is_nested()) {
    const std::string reads = fmt::format(", metl_object->>{} AS {}", key, read);
    if (column.type.kind == Type::Kind::kString) return {reads, read, ""};
    const std::string pattern = engine::pattern_of(column.type);
    return {reads, fmt::format("TRY_CAST({} AS {})", read, wanted),
            fmt::format(
                "{0} IS NOT NULL AND (TRY_CAST({0} AS {1}) IS NULL{2})", read, wanted,
                pattern.empty() ? "" : fmt::format(" OR NOT regexp_full_match({}, {})", read, sql::literal(pattern)))};
  }
  // A cast that tries sets NULL inside of the value where something does not fit; TRY makes that of the whole.
  const std::string exact = to_duckdb(engine::with_all_digits(column.type));
  return {
      fmt::format(", metl_object->{0} AS {1}, TRY(CAST(metl_object->{0} AS {2})) AS {3}", key, json, exact, read),
      fmt::format("TRY_CAST({} AS {})", read, wanted),
      fmt::format(
          "{0} IS NOT NULL AND json_type({0}) <> 'NULL' AND ({1} IS NULL OR TRY_CAST(TRY_CAST({1} AS {2}) AS {3}) IS "
          "DISTINCT FROM {1})",
          json, read, wanted, exact)};
}

// A part of a message as a column's value. Topic and partition are those of a whole file.
std::string part_sql(Part part, const kafka::Partition& of) {
  switch (part) {
    case Part::kTopic:
      return sql::literal(of.topic);
    case Part::kPartition:
      return fmt::format("CAST({} AS INTEGER)", of.number);
    case Part::kOffset:
      return "metl_offset";
    case Part::kTimestamp:
      return "make_timestamptz(metl_millis * 1000)";
    case Part::kKey:
      return "metl_key";
  }
  return "NULL";
}

// The day of an event, NULL where its time tells none.
std::string day_sql(const Description& feed, const std::string& value, Type::Kind kind) {
  const std::string zone = sql::literal(feed.zone);
  std::string day;
  switch (kind) {
    case Type::Kind::kDate:
      day = value;
      break;
    case Type::Kind::kTimestampNtz:
      day = fmt::format("CAST({} AS DATE)", value);
      break;
    case Type::Kind::kTimestamp:
      day = fmt::format("CAST(timezone({}, {}) AS DATE)", zone, value);
      break;
    default:
      constexpr int64_t kMicros = 1'000'000;
      day = fmt::format("CAST(timezone({}, make_timestamptz(CAST({} AS BIGINT) * {})) AS DATE)", zone, value,
                        kMicros / feed.ticks);
  }
  return fmt::format("TRY({})", day);
}

}  // namespace

Batch::Batch(engine::Client& client, const Description& feed, const Schema& columns)
    : client_(client), feed_(feed), columns_(columns) {
  try {
    client_.rows(fmt::format("SELECT CAST(timezone({}, TIMESTAMPTZ '2021-01-01 00:00:00+00') AS VARCHAR)",
                             sql::literal(feed.zone)));
  } catch (const Error& e) {
    if (e.cause() != Cause::kStatement) throw;
    throw Error(Cause::kConfiguration,
                fmt::format("{}: 'feed.zone' is '{}', which is no time zone", feed.place, feed.zone),
                "Write one such as UTC or Europe/Berlin.");
  }
  clear();
}

void Batch::clear() {
  appender_.reset();
  client_.execute(
      fmt::format("DROP TABLE IF EXISTS {}; CREATE OR REPLACE TABLE {} (metl_place BIGINT, metl_offset BIGINT, "
                  "metl_millis BIGINT, metl_key BLOB, metl_value BLOB)",
                  kDecoded, kMessages));
  bytes_ = rows_ = 0;
}

void Batch::add(const kafka::Message& message) {
  constexpr int64_t kOfARow = 64;  // beside key and value
  if (!appender_) appender_.emplace(client_, kMessages);
  auto found = places_.find(message.partition);
  if (found == places_.end()) {
    found = places_.emplace(message.partition, static_cast<int32_t>(partitions_.size())).first;
    partitions_.push_back(message.partition);
  }
  appender_->add(found->second);
  appender_->add(message.offset);
  appender_->add(message.millis);
  appender_->add_bytes(message.has_key ? std::optional(message.key) : std::nullopt);
  appender_->add_bytes(message.has_value ? std::optional(message.value) : std::nullopt);
  appender_->end_row();
  bytes_ += static_cast<int64_t>(message.key.size() + message.value.size()) + kOfARow;
  ++rows_;
}

std::string Batch::decoding() const {
  std::string reads, values, faults, day;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const Field& column = columns_[i];
    if (is_part(feed_, column)) continue;
    const auto [read, value, wrong] = reading_of(column, i);
    reads += read;
    values += fmt::format(", {} AS metl_c{}", value, i);
    if (!wrong.empty()) {
      faults += fmt::format(
          " WHEN {} THEN {}", wrong,
          sql::literal(fmt::format("the value of column '{}' is not of type {}, or has more digits than that holds",
                                   column.name, type_name(column.type))));
    }
    if (column.name == feed_.event_time) day = day_sql(feed_, fmt::format("metl_c{}", i), column.type.kind);
  }
  if (day.empty()) day = day_sql(feed_, part_sql(Part::kTimestamp, {}), Type::Kind::kTimestamp);
  const std::string no_day = sql::literal(fmt::format("its time, in column '{}', tells no day", feed_.event_time));
  return fmt::format(
      "CREATE OR REPLACE TABLE {0} AS "
      "WITH metl_a AS (SELECT *, TRY(decode(metl_value)) AS metl_text FROM {1}), "
      "metl_b AS (SELECT *, TRY_CAST(metl_text AS JSON) AS metl_json FROM metl_a), "
      "metl_o AS (SELECT *, CASE WHEN json_type(metl_json) = 'OBJECT' THEN metl_json END AS metl_object FROM metl_b), "
      "metl_r AS (SELECT *{2} FROM metl_o), metl_v AS (SELECT *{3} FROM metl_r), "
      "metl_d AS (SELECT *, {4} AS metl_day FROM metl_v) "
      "SELECT * EXCLUDE (metl_text, metl_json, metl_object), CASE WHEN metl_value IS NULL THEN 'it has no value' "
      "WHEN metl_text IS NULL THEN 'it is not UTF-8' WHEN metl_json IS NULL THEN 'it is not JSON' "
      "WHEN metl_object IS NULL THEN 'it is JSON, but no object' "
      "WHEN len(json_keys(metl_object)) <> len(list_distinct(json_keys(metl_object))) THEN 'a key stands twice in the object'"
      "{5} WHEN metl_day IS NULL OR metl_day NOT BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {6} END AS metl_reason "
      "FROM metl_d",
      kDecoded, kMessages, reads, values, day, faults, no_day);
}

void Batch::decode() {
  if (appender_) appender_->flush();
  appender_.reset();
  client_.execute(decoding());
  const auto counted = client_.rows(fmt::format("SELECT count(*) FROM {}", kDecoded));
  if (std::get<int64_t>(counted.rows[0][0]) == rows_) return;
  throw Error(Cause::kInternal,
              fmt::format("{} of {} messages were decoded", std::get<int64_t>(counted.rows[0][0]), rows_));
}

Rejected Batch::rejected() {
  Rejected out;
  const auto first = client_.rows(
      fmt::format("SELECT count(*) OVER (), metl_place, metl_offset, metl_reason FROM {} WHERE metl_reason IS NOT NULL "
                  "ORDER BY metl_place, metl_offset LIMIT 1",
                  kDecoded));
  if (first.rows.empty()) return out;
  const auto& row = first.rows[0];
  out.count = std::get<int64_t>(row[0]);
  out.first =
      fmt::format("{}, offset {}: {}", kafka::to_text(partitions_.at(static_cast<size_t>(std::get<int64_t>(row[1])))),
                  std::get<int64_t>(row[2]), std::get<std::string>(row[3]));
  return out;
}

std::vector<Slice> Batch::slices() {
  std::vector<Slice> out;
  int64_t all = 0;
  const auto found = client_.rows(fmt::format(
      "SELECT metl_place, CASE WHEN metl_reason IS NULL THEN CAST(metl_day AS VARCHAR) ELSE '' END AS metl_of, "
      "min(metl_offset), max(metl_offset), count(*) FROM {} GROUP BY ALL ORDER BY ALL",
      kDecoded));
  for (const auto& row : found.rows) {
    out.push_back({.partition = static_cast<size_t>(std::get<int64_t>(row[0])),
                   .day = std::get<std::string>(row[1]),
                   .first = std::get<int64_t>(row[2]),
                   .last = std::get<int64_t>(row[3]),
                   .rows = std::get<int64_t>(row[4])});
    all += out.back().rows;
  }
  if (all != rows_) throw Error(Cause::kInternal, fmt::format("{} of {} messages have a file", all, rows_));
  return out;
}

void Batch::write(const Slice& slice, const std::string& path, const engine::WriteOptions& options) {
  const kafka::Partition& of = partitions_.at(slice.partition);
  std::vector<std::string> items;
  if (slice.day.empty()) {
    items = {fmt::format("{} AS topic", sql::literal(of.topic)),
             fmt::format("CAST({} AS INTEGER) AS partition", of.number),
             "metl_offset AS \"offset\"",
             "make_timestamptz(metl_millis * 1000) AS \"timestamp\"",
             "metl_key AS key",
             "metl_value AS value",
             "metl_reason AS reason"};
  } else {
    for (size_t i = 0; i < columns_.size(); ++i) {
      const bool is_value = !is_part(feed_, columns_[i]);
      items.push_back(fmt::format(
          "{} AS {}", is_value ? fmt::format("metl_c{}", i) : part_sql(feed_.parts.at(columns_[i].name), of),
          sql::identifier(columns_[i].name)));
    }
    for (const auto& [name, part] : feed_.parts) {
      if (find_field(columns_, name) == nullptr)
        items.push_back(fmt::format("{} AS {}", part_sql(part, of), sql::identifier(name)));
    }
  }
  const std::string which = slice.day.empty()
                                ? "metl_reason IS NOT NULL"
                                : fmt::format("metl_reason IS NULL AND metl_day = DATE {}", sql::literal(slice.day));
  const auto written = client_.rows(
      fmt::format("COPY (SELECT {} FROM {} WHERE metl_place = {} AND {} ORDER BY metl_offset) TO {} (FORMAT parquet, "
                  "PARQUET_VERSION {}, COMPRESSION {}, WRITE_BLOOM_FILTER false)",
                  fmt::join(items, ", "), kDecoded, slice.partition, which, sql::literal(path), options.parquet_version,
                  options.compression));
  const int64_t rows = std::get<int64_t>(written.rows.at(0).at(0));
  if (rows != slice.rows)
    throw Error(Cause::kInternal, fmt::format("{} of {} events were written to {}", rows, slice.rows, path));
}

}  // namespace metl::feed

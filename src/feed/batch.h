// Messages that wait to become files, and their values as the columns that the pipeline declares. All in tables of the
// embedded engine: it decodes them column by column, and spills where memory is short.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/type.h"
#include "engine/duckdb/appender.h"
#include "engine/duckdb/client.h"
#include "engine/engine.h"
#include "feed/description.h"
#include "kafka/reader.h"

namespace metl::feed {

// Events of one partition and one day, or bad messages of a partition.
struct Slice {
  size_t partition = 0;         // its place in the order of Batch::partitions()
  std::string day;              // "2021-01-01"; "" for bad messages
  int64_t first = 0, last = 0;  // offsets
  int64_t rows = 0;
};

// The first of the bad messages, and how many there are.
struct Rejected {
  int64_t count = 0;
  std::string first;  // "orders-0, offset 17: it is not JSON"; never shows a value
};

class Batch {
 public:
  // Throws Error{kConfiguration} for a zone that there is not.
  Batch(engine::Client& client, const Description& feed, const Schema& columns);

  void add(const kafka::Message& message);
  int64_t bytes() const { return bytes_; }  // of the messages
  int64_t rows() const { return rows_; }
  void clear();

  // Makes columns of what was added. Throws Error{kInternal} when the numbers do not add up.
  void decode();
  Rejected rejected();
  std::vector<Slice> slices();
  const std::vector<kafka::Partition>& partitions() const { return partitions_; }

  // One Parquet file. In the order of offsets.
  void write(const Slice& slice, const std::string& path, const engine::WriteOptions& options);

 private:
  std::string decoding() const;

  engine::Client& client_;
  const Description& feed_;
  const Schema& columns_;
  std::optional<engine::Appender> appender_;  // while rows are added
  std::vector<kafka::Partition> partitions_;
  std::map<kafka::Partition, int32_t> places_;
  int64_t bytes_ = 0;
  int64_t rows_ = 0;
};

}  // namespace metl::feed

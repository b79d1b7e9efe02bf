// SQL functions that find rows with equal keys without holding any key: seen(key hash) in a first scan, repeated(key
// hash) in a second.
//
// seen() sets three bits of one 64-bit word for the hash, atomically, and tells whether all were set before. Of every
// group of rows with equal keys all but one see their bits set, whatever the threads do, and each that does marks the
// hash as repeated. repeated() then is true for every row of a duplicated key, and for a few others (1 to 2 in 100)
// whose bits happen to be set: a superset, never less. A plan that evaluates seen() twice for a row only adds to it.
// Rejected: GROUP BY over all keys (7.5 CPU s and 1.2 GB for 19M keys), and one bit a row instead of three, which lets
// through several times as many rows that are no duplicates.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "engine/duckdb/client.h"

namespace metl::engine {

class SeenBits {
 public:
  // Registers the functions; `this` must outlive the client's statements.
  explicit SeenBits(Client& client);

  // Fresh bits for about `rows` keys. Call before each first scan.
  void reset(int64_t rows);
  void release();

  // What reset(rows) allocates, in bytes.
  static uint64_t bytes_for(int64_t rows);

 private:
  using Words = std::unique_ptr<std::atomic<uint64_t>[]>;

  static void call_seen(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output);
  static void call_repeated(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output);

  Words seen_;
  Words repeated_;
  uint64_t last_word_ = 0;  // count of words, a power of two, less one
};

}  // namespace metl::engine

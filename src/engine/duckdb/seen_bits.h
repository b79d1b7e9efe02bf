// SQL function seen(key hash) -> boolean: sets a bit for the hash and tells whether it was set before.
//
// Of every group of rows with equal keys all but one see their bit set, so `WHERE seen(hash(key))` yields a superset of
// all but one row of each duplicated key; different keys that share a bit add candidates, never lose one. A plan that
// evaluates the function twice for a row only adds candidates too. Rejected: GROUP BY over all keys, which holds every
// key (1.2 GB for 19M) to find a few.
#pragma once

#include <duckdb.h>

#include <atomic>
#include <cstdint>
#include <memory>

namespace metl::engine {

class SeenBits {
 public:
  // Registers the function; `this` must outlive the connection's statements.
  explicit SeenBits(duckdb_connection connection);

  // Fresh bits for about `rows` keys. Call before each statement that uses the function. Throws Error{kRunFailed}.
  void reset(int64_t rows);
  void release() { words_.reset(); }

  // What reset(rows) allocates, in bytes.
  static uint64_t bytes_for(int64_t rows);

 private:
  static void call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output);
  bool test_and_set(uint64_t hash) {
    const uint64_t bit = hash & mask_;
    const uint64_t flag = uint64_t{1} << (bit & 63);
    return (words_[bit >> 6].fetch_or(flag, std::memory_order_relaxed) & flag) != 0;
  }

  std::unique_ptr<std::atomic<uint64_t>[]> words_;
  uint64_t mask_ = 0;
};

}  // namespace metl::engine

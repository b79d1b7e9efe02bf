// A small owner of DuckDB's C API: one in-memory database, one connection, results as rows or chunks. No SQL of ours in
// here.
//
// The C API, not the C++ one: it is the stable ABI, and its header compiles in a third of a second.
#pragma once

#include <duckdb.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/rows.h"

namespace metl::engine {

// The handle that a destroyer of the C API takes by address.
template <typename Handle, auto kDestroy>
class Owned {
 public:
  Owned() = default;
  explicit Owned(Handle handle) : handle_(handle) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, Handle{})) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() { kDestroy(&handle_); }

  Handle get() const { return handle_; }
  Handle* out() { return &handle_; }

 private:
  Handle handle_{};
};

using LogicalType = Owned<duckdb_logical_type, duckdb_destroy_logical_type>;
using Chunk = Owned<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using Result = Owned<duckdb_result, duckdb_destroy_result>;

struct ClientOptions {
  int64_t memory_limit = 0;    // bytes, of DuckDB's buffers; 0: DuckDB's own default
  int threads = 0;             // 0: one a core
  std::string temp_directory;  // where larger-than-memory steps spill; "" for nowhere
};

class Client {
 public:
  // Percent 0..100 and rows read so far.
  using OnProgress = std::function<void(double percent, uint64_t rows)>;

  explicit Client(const ClientOptions& options);

  // Runs statements; the result of the last. Throws Error{kRunFailed} with DuckDB's message, Error{kInterrupted} after
  // interrupt().
  Result execute(const std::string& sql, const OnProgress& progress = {});

  // The rows of a SELECT; values as base/rows.h says.
  Rows rows(const std::string& sql, const OnProgress& progress = {});

  // Column names and types of a SELECT, without running it.
  Schema describe(const std::string& sql);

  void interrupt();
  duckdb_connection connection() const { return connection_.get(); }

 private:
  Owned<duckdb_database, duckdb_close> database_;
  Owned<duckdb_connection, duckdb_disconnect> connection_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace metl::engine

// A small owner of DuckDB's C API: one in-memory database, one connection, results as rows or chunks. No SQL of ours in
// here.
//
// The C API, not the C++ one: it is the stable ABI, and its header compiles in a third of a second.
#pragma once

#include <duckdb.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/rows.h"
#include "engine/engine.h"
#include "storage/access.h"

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

// What stops clients: shared by those that one interrupt() is to stop.
class Interruption {
 public:
  void interrupt();
  bool requested() const { return requested_; }

 private:
  friend class Client;
  std::mutex mutex_;  // guards connections_
  std::set<duckdb_connection> connections_;
  std::atomic<bool> requested_ = false;
};

void remove_local_file(const std::string& path);

struct ClientOptions {
  int64_t memory_limit = 0;                               // bytes, of DuckDB's buffers; 0: DuckDB's own default
  int threads = 0;                                        // 0: one a core
  std::string temp_directory = {};                        // where larger-than-memory steps spill; "" for nowhere
  std::optional<Confinement> confinement = std::nullopt;  // SELECTs only, and no other files than these
  std::optional<StorageAccess> storage = std::nullopt;    // for locations in object stores; without it there are none
  std::function<void(const std::string& path)> remove_file = remove_local_file;  // that a statement wrote in vain
  std::shared_ptr<Interruption> interruption = std::make_shared<Interruption>();

  // NULLs stand where DuckDB puts them, and no function is replaced; else they are where Spark has them.
  bool speaks_own_sql() const { return confinement && confinement->own_sql; }
};

// A function of one argument, or two, for SQL, in place of DuckDB's own of that name and types. With `self`, which it
// gets as its extra info, it is volatile: evaluated for every row, in whatever order; unless it is `pure`. `call` must
// not throw, and sets NULL itself where its argument is.
struct ScalarFunction {
  const char* name;
  duckdb_type argument;
  duckdb_type result;
  duckdb_scalar_function_t call;
  void* self = nullptr;  // outlives the client
  bool pure = false;     // the same result for the same arguments, always: DuckDB may ask while it plans
  duckdb_type second_argument = DUCKDB_TYPE_INVALID;  // invalid: there is none
};

class Client {
 public:
  // Percent 0..100 and rows read so far.
  using OnProgress = std::function<void(double percent, uint64_t rows)>;

  explicit Client(const ClientOptions& options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Runs statements; the result of the last. Throws Error with DuckDB's message, Error{kInterrupted} after
  // interrupt().
  Result execute(const std::string& sql, const OnProgress& progress = {});

  // The same of one statement that may take long.
  Result compute(const std::string& sql, const OnProgress& progress = {});

  // A statement that holds a secret: never logged, nor is DuckDB's message. `what` says what it sets up. Throws
  // Error{kConfiguration}.
  void execute_secret(const std::string& sql, const std::string& what);

  // The rows of a SELECT; values as base/rows.h says.
  Rows rows(const std::string& sql, const OnProgress& progress = {});

  // The same of a SQL text that is not ours. Throws Error{kConfiguration} as require_select does.
  Rows rows_of_select(const std::string& sql);

  // Column names and types of a SELECT, without running it.
  Schema describe(const std::string& sql);

  // Throws Error{kConfiguration} unless this is one statement that only reads. Of every SQL text that is not ours.
  void require_select(const std::string& sql);

  // A list of texts for getvariable(). Not by a statement's text: the parser takes kilobytes for each. Throws Error.
  void set_variable(const std::string& name, const std::vector<std::optional<std::string>>& texts);

  // Throws Error.
  void add_function(const ScalarFunction& what);

  // A file that this client wrote and nobody wants. Throws Error.
  void remove_file(const std::string& path) const { remove_file_(path); }

  bool interrupted() const { return interruption_->requested(); }
  duckdb_database database() const { return database_.get(); }
  duckdb_connection connection() const { return connection_.get(); }

 private:
  using Statement = Owned<duckdb_prepared_statement, duckdb_destroy_prepare>;
  Statement prepare(const std::string& sql);
  Result run(const std::string& sql, const OnProgress& progress,
             const std::function<duckdb_state(duckdb_result*)>& call);
  Result run_patiently(const Statement& statement, const std::string& sql, const OnProgress& progress);
  Rows rows_of(const Statement& statement, const std::string& sql, const OnProgress& progress);

  Owned<duckdb_database, duckdb_close> database_;
  Owned<duckdb_connection, duckdb_disconnect> connection_;
  std::shared_ptr<Interruption> interruption_;
  std::function<void(const std::string& path)> remove_file_;
};

}  // namespace metl::engine

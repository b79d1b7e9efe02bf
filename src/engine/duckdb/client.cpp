#include "engine/duckdb/client.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/duckdb/failure.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/stores.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

constexpr auto kProgressInterval = std::chrono::milliseconds(100);

// Polls a running statement from a thread of its own: duckdb_query blocks its caller until the end.
class ProgressWatch {
 public:
  ProgressWatch(duckdb_connection connection, const Client::OnProgress& report) {
    if (!report) return;
    thread_ = std::thread([this, connection, &report] {
      std::unique_lock lock(mutex_);
      while (!ended_.wait_for(lock, kProgressInterval, [this] { return done_; })) {
        const auto progress = duckdb_query_progress(connection);
        if (progress.percentage >= 0) report(progress.percentage, progress.rows_processed);
      }
    });
  }
  ~ProgressWatch() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    ended_.notify_one();
    thread_.join();
  }
  ProgressWatch(const ProgressWatch&) = delete;
  ProgressWatch& operator=(const ProgressWatch&) = delete;

 private:
  std::mutex mutex_;  // guards done_
  std::condition_variable ended_;
  bool done_ = false;
  std::thread thread_;
};

// Runs a statement as duckdb_execute_prepared does, but sleeps where there is nothing left to do for this thread while
// others are still at work: DuckDB asks for work again and again then, which takes a whole core.
duckdb_state execute_patiently(duckdb_prepared_statement statement, duckdb_result* result) {
  constexpr std::chrono::microseconds kShortest{50}, kLongest{1000};
  Owned<duckdb_pending_result, duckdb_destroy_pending> pending;
  if (duckdb_pending_prepared(statement, pending.out()) == DuckDBSuccess) {
    auto pause = kShortest;
    for (;;) {
      const duckdb_pending_state state = duckdb_pending_execute_task(pending.get());
      if (state == DUCKDB_PENDING_RESULT_NOT_READY) {
        pause = kShortest;
      } else if (state == DUCKDB_PENDING_NO_TASKS_AVAILABLE) {
        std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, kLongest);
      } else {
        break;
      }
    }
  }
  return duckdb_execute_pending(pending.get(), result);  // with the error, if there is one
}

void set(duckdb_config config, const char* name, const std::string& value) {
  if (duckdb_set_config(config, name, value.c_str()) != DuckDBSuccess) {
    throw Error(Cause::kConfiguration, fmt::format("DuckDB does not accept {} = '{}'", name, value));
  }
}

// What was called with `sql` failed on this connection, with DuckDB's `answer`.
Error failure(duckdb_connection connection, const char* answer, const std::string& sql) {
  return failure_of(answer, sql, [connection](const std::string& path) {
    const std::string question =
        fmt::format("SELECT 1 WHERE list_contains(current_setting('allowed_paths'), {})", sql::literal(path));
    Result result;
    if (duckdb_query(connection, question.c_str(), result.out()) != DuckDBSuccess) return false;
    return Chunk(duckdb_fetch_chunk(*result.out())).get() != nullptr;
  });
}

// From here on, nothing but these files, and no way back.
std::string confining(const Confinement& limits) {
  const auto quoted = [](const std::vector<std::string>& paths) {
    std::vector<std::string> out;
    for (const auto& path : paths) {
      out.push_back(sql::literal(path));
      if (file_pattern(path) != path) out.push_back(sql::literal(file_pattern(path)));
    }
    return fmt::format("{}", fmt::join(out, ", "));
  };
  std::vector<std::string> files = limits.files, folders = limits.folders;
  if (!limits.writable.empty()) {
    files.push_back(limits.writable);  // a COPY into several files looks at the folder itself
    folders.push_back(limits.writable);
  }
  return fmt::format(
      "SET allowed_paths = [{}]; SET allowed_directories = [{}]; SET enable_external_access = false; "
      "SET lock_configuration = true",
      quoted(files), quoted(folders));
}

Schema columns_of(duckdb_prepared_statement statement) {
  Schema columns;
  for (idx_t i = 0; i < duckdb_prepared_statement_column_count(statement); ++i) {
    const LogicalType type(duckdb_prepared_statement_column_logical_type(statement, i));
    const char* name = duckdb_prepared_statement_column_name(statement, i);
    columns.push_back({name, from_duckdb(type.get()), true, {}});
    duckdb_free(const_cast<char*>(name));
  }
  return columns;
}

// Whether the values of all columns come in the plain types that are read from DuckDB.
bool travels(duckdb_prepared_statement statement) {
  for (idx_t i = 0; i < duckdb_prepared_statement_column_count(statement); ++i) {
    const duckdb_type type = duckdb_prepared_statement_column_type(statement, i);
    if (type != DUCKDB_TYPE_BOOLEAN && type != DUCKDB_TYPE_BIGINT && type != DUCKDB_TYPE_DOUBLE &&
        type != DUCKDB_TYPE_VARCHAR)
      return false;
  }
  return true;
}

// The same rows with each value as one of those types; DuckDB itself turns the rest into text.
std::string in_plain_types(const std::string& sql, const Schema& columns) {
  std::vector<std::string> names, values;
  for (size_t i = 0; i < columns.size(); ++i) {
    names.push_back(fmt::format("c{}", i));
    values.push_back(fmt::format("CAST(c{} AS {})", i, transport_type(columns[i].type)));
  }
  return fmt::format("SELECT {} FROM ({}\n) AS t({})", fmt::join(values, ", "), text::trim(sql),
                     fmt::join(names, ", "));
}

void require_select(duckdb_prepared_statement statement) {
  if (duckdb_prepared_statement_type(statement) == DUCKDB_STATEMENT_TYPE_SELECT) return;
  throw Error(Cause::kConfiguration, "only a SELECT can stand here, no statement that changes anything");
}

}  // namespace

void Interruption::interrupt() {
  requested_ = true;
  const std::lock_guard lock(mutex_);
  for (const auto connection : connections_) duckdb_interrupt(connection);
}

void remove_local_file(const std::string& path) { std::filesystem::remove(path); }

Client::Client(const ClientOptions& options) : interruption_(options.interruption), remove_file_(options.remove_file) {
  Owned<duckdb_config, duckdb_destroy_config> config;
  if (duckdb_create_config(config.out()) != DuckDBSuccess) throw Error(Cause::kFailed, "DuckDB could not start");
  if (options.memory_limit > 0) set(config.get(), "memory_limit", fmt::format("{}B", options.memory_limit));
  if (options.threads > 0) set(config.get(), "threads", fmt::format("{}", options.threads));
  set(config.get(), "temp_directory", options.temp_directory);
  if (!options.speaks_own_sql()) set(config.get(), "default_null_order", "nulls_first_on_asc_last_on_desc");
  set(config.get(), "errors_as_json", "true");
  // It keeps what was read of each row group of a local file, 70 KB and more however small that is: 1.4 GB of a file of
  // 20,000. The system keeps local files in memory anyway; stores.cpp has it for those that are far away.
  set(config.get(), "enable_external_file_cache", "false");
  set(config.get(), "autoinstall_known_extensions", "false");
  set(config.get(), "autoload_known_extensions", "false");
  set(config.get(), "allow_unsigned_extensions", "false");
  char* message = nullptr;
  if (duckdb_open_ext(nullptr, database_.out(), config.get(), &message) != DuckDBSuccess) {
    const std::string text = message != nullptr ? message : "unknown reason";
    duckdb_free(message);
    throw Error(Cause::kFailed, fmt::format("DuckDB could not start: {}", text));
  }
  if (duckdb_connect(database_.get(), connection_.out()) != DuckDBSuccess) {
    throw Error(Cause::kFailed, "DuckDB did not accept a connection");
  }
  // Days and timestamps mean UTC, whatever the machine's zone. Progress is asked for, never printed by DuckDB itself.
  execute("SET TimeZone = 'UTC'; SET enable_progress_bar = true; SET enable_progress_bar_print = false");
  if (options.storage) use_stores(*this, *options.storage);
  if (options.confinement) execute(confining(*options.confinement));
  const std::lock_guard lock(interruption_->mutex_);
  interruption_->connections_.insert(connection_.get());
}

Client::~Client() {
  const std::lock_guard lock(interruption_->mutex_);
  interruption_->connections_.erase(connection_.get());
}

Result Client::run(const std::string& sql, const OnProgress& progress,
                   const std::function<duckdb_state(duckdb_result*)>& call) {
  if (interruption_->requested()) throw Error(Cause::kInterrupted, "interrupted");
  const Stopwatch watch;
  Result result;
  duckdb_state state = DuckDBSuccess;
  {
    const ProgressWatch watch(connection_.get(), progress);
    state = call(result.out());
  }
  log::debug("{:.3f} s: {}", watch.seconds(), sql);
  if (interruption_->requested()) throw Error(Cause::kInterrupted, "interrupted");
  if (state != DuckDBSuccess) {
    throw failure(connection_.get(), duckdb_result_error(result.out()), sql);
  }
  return result;
}

Result Client::execute(const std::string& sql, const OnProgress& progress) {
  return run(sql, progress,
             [&](duckdb_result* result) { return duckdb_query(connection_.get(), sql.c_str(), result); });
}

Result Client::compute(const std::string& sql, const OnProgress& progress) {
  return run_patiently(prepare(sql), sql, progress);
}

Result Client::run_patiently(const Statement& statement, const std::string& sql, const OnProgress& progress) {
  return run(sql, progress, [&](duckdb_result* result) { return execute_patiently(statement.get(), result); });
}

void Client::execute_secret(const std::string& sql, const std::string& what) {
  Result result;
  if (duckdb_query(connection_.get(), sql.c_str(), result.out()) == DuckDBSuccess) return;
  // Neither the statement nor DuckDB's message, which may repeat it, is fit to be shown.
  throw Error(Cause::kConfiguration, fmt::format("DuckDB does not accept {}", what),
              "Check the settings storage.* and the variables AWS_..., AZURE_... and GOOGLE_... .");
}

Client::Statement Client::prepare(const std::string& sql) {
  Statement statement;
  const bool prepared = duckdb_prepare(connection_.get(), sql.c_str(), statement.out()) == DuckDBSuccess;
  if (interrupted()) throw Error(Cause::kInterrupted, "interrupted");
  if (!prepared) throw failure(connection_.get(), duckdb_prepare_error(statement.get()), sql);
  return statement;
}

Schema Client::describe(const std::string& sql) { return columns_of(prepare(sql).get()); }

Rows Client::rows(const std::string& sql, const OnProgress& progress) { return rows_of(prepare(sql), sql, progress); }

Rows Client::rows_of_select(const std::string& sql) {
  const auto statement = prepare(sql);
  metl::engine::require_select(statement.get());
  return rows_of(statement, sql, {});
}

Rows Client::rows_of(const Statement& statement, const std::string& sql, const OnProgress& progress) {
  Rows out{columns_of(statement.get()), {}};
  // A plan that can run as it is is not made again by us; DuckDB itself makes one over files anew when it runs.
  Result result = travels(statement.get()) ? run_patiently(statement, sql, progress)
                                           : compute(in_plain_types(sql, out.columns), progress);
  for (;;) {
    const Chunk chunk(duckdb_fetch_chunk(*result.out()));
    if (chunk.get() == nullptr) return out;
    const idx_t size = duckdb_data_chunk_get_size(chunk.get());
    const size_t first = out.rows.size();
    out.rows.resize(first + size, std::vector<Value>(out.columns.size()));
    for (size_t column = 0; column < out.columns.size(); ++column) {
      const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk.get(), column);
      for (idx_t row = 0; row < size; ++row) {
        Value& value = out.rows[first + row][column];
        value = value_at(vector, row);
        if (is_wide_whole(out.columns[column].type) && !is_null(value))
          value = wide_whole(std::get<std::string>(value));
      }
    }
  }
}

void Client::require_select(const std::string& sql) { metl::engine::require_select(prepare(sql).get()); }

void Client::set_variable(const std::string& name, const std::vector<std::optional<std::string>>& texts) {
  using OwnedValue = Owned<duckdb_value, duckdb_destroy_value>;
  const std::string sql = fmt::format("SET VARIABLE {} = $1", name);
  const Statement statement = prepare(sql);
  std::vector<OwnedValue> owned;
  std::vector<duckdb_value> values;
  for (const auto& text : texts) {
    owned.emplace_back(text ? duckdb_create_varchar_length(text->data(), text->size()) : duckdb_create_null_value());
    values.push_back(owned.back().get());
  }
  const LogicalType type(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  const OwnedValue list(duckdb_create_list_value(type.get(), values.data(), values.size()));
  if (duckdb_bind_value(statement.get(), 1, list.get()) != DuckDBSuccess)
    throw Error(Cause::kFailed, fmt::format("DuckDB did not accept the values of {}", name));
  run(sql, {}, [&](duckdb_result* result) { return duckdb_execute_prepared(statement.get(), result); });
}

void Client::add_function(const ScalarFunction& what) {
  const Owned<duckdb_scalar_function, duckdb_destroy_scalar_function> function(duckdb_create_scalar_function());
  const LogicalType argument(duckdb_create_logical_type(what.argument));
  const LogicalType result(duckdb_create_logical_type(what.result));
  duckdb_scalar_function_set_name(function.get(), what.name);
  duckdb_scalar_function_add_parameter(function.get(), argument.get());
  if (what.second_argument != DUCKDB_TYPE_INVALID) {
    const LogicalType second(duckdb_create_logical_type(what.second_argument));
    duckdb_scalar_function_add_parameter(function.get(), second.get());
  }
  duckdb_scalar_function_set_return_type(function.get(), result.get());
  duckdb_scalar_function_set_function(function.get(), what.call);
  if (what.self != nullptr) {
    if (!what.pure) duckdb_scalar_function_set_volatile(function.get());
    duckdb_scalar_function_set_extra_info(function.get(), what.self, nullptr);
  }
  if (duckdb_register_scalar_function(connection_.get(), function.get()) != DuckDBSuccess) {
    throw Error(Cause::kFailed, fmt::format("DuckDB did not accept the function {}()", what.name));
  }
}

}  // namespace metl::engine

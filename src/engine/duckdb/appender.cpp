#include "engine/duckdb/appender.h"

#include "engine/duckdb/failure.h"

namespace metl::engine {

Appender::Appender(Client& client, const std::string& table) {
  require(duckdb_appender_create(client.connection(), nullptr, table.c_str(), appender_.out()));
}

void Appender::require(duckdb_state state) {
  if (state == DuckDBSuccess) return;
  throw failure_of(duckdb_appender_error(appender_.get()), "", {});
}

void Appender::add(int64_t value) { require(duckdb_append_int64(appender_.get(), value)); }

void Appender::add_bytes(std::optional<std::string_view> value) {
  require(value ? duckdb_append_blob(appender_.get(), value->data(), value->size())
                : duckdb_append_null(appender_.get()));
}

void Appender::end_row() { require(duckdb_appender_end_row(appender_.get())); }

void Appender::flush() { require(duckdb_appender_flush(appender_.get())); }

}  // namespace metl::engine

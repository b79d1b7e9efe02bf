// Rows put into a table of the embedded engine without SQL.
#pragma once

#include <duckdb.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/duckdb/client.h"

namespace metl::engine {

// All methods throw Error with DuckDB's message.
class Appender {
 public:
  Appender(Client& client, const std::string& table);

  void add(int64_t value);                                // of any integer type that holds it
  void add_bytes(std::optional<std::string_view> value);  // a BLOB; none is NULL
  void end_row();
  void flush();  // statements see the rows then

 private:
  void require(duckdb_state state);
  Owned<duckdb_appender, duckdb_appender_destroy> appender_;
};

}  // namespace metl::engine

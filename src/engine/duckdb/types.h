// Spark's type names against DuckDB's types, both ways, and single values out of result vectors.
#pragma once

#include <duckdb.h>

#include <string>

#include "base/rows.h"
#include "base/type.h"

namespace metl::engine {

// The nearest Spark type: unsigned integers become the next wider signed one, hugeint decimal(38,0), what Spark has no
// type for (uuid, time, enum, json) string, since that is how its text reads.
Type from_duckdb(duckdb_logical_type type);

// The type's name in DuckDB's SQL.
std::string to_duckdb(const Type& type);

// A decimal without a fraction, as sums of integers are: fetched as text, so that none of its digits is lost.
inline bool is_wide_whole(const Type& type) { return type.kind == Type::Kind::kDecimal && type.scale == 0; }

// Its value from that text: int64 where it fits, else double.
Value wide_whole(const std::string& text);

// The plain DuckDB type (BOOLEAN, BIGINT, DOUBLE, VARCHAR) as which a value of `type` is fetched.
std::string transport_type(const Type& type);

// One value of a vector of such a plain type.
Value value_at(duckdb_vector vector, idx_t row);

// The bytes of a VARCHAR vector's row, which must not be NULL.
std::string string_at(duckdb_vector vector, idx_t row);

}  // namespace metl::engine

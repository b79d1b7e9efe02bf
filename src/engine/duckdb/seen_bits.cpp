#include "engine/duckdb/seen_bits.h"

#include <bit>

#include "base/error.h"
#include "engine/duckdb/client.h"

namespace metl::engine {
namespace {

constexpr uint64_t kBitsPerRow = 13;  // one row in fifteen at most is a false candidate
constexpr uint64_t kLeastBits = 1 << 16;

uint64_t bits_for(int64_t rows) {
  return std::bit_ceil(std::max(kLeastBits, static_cast<uint64_t>(rows) * kBitsPerRow));
}

}  // namespace

SeenBits::SeenBits(duckdb_connection connection) {
  Owned<duckdb_scalar_function, duckdb_destroy_scalar_function> function(duckdb_create_scalar_function());
  const LogicalType ubigint(duckdb_create_logical_type(DUCKDB_TYPE_UBIGINT));
  const LogicalType boolean(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
  duckdb_scalar_function_set_name(function.get(), "seen");
  duckdb_scalar_function_add_parameter(function.get(), ubigint.get());
  duckdb_scalar_function_set_return_type(function.get(), boolean.get());
  duckdb_scalar_function_set_volatile(function.get());
  duckdb_scalar_function_set_extra_info(function.get(), this, nullptr);
  duckdb_scalar_function_set_function(function.get(), &SeenBits::call);
  if (duckdb_register_scalar_function(connection, function.get()) != DuckDBSuccess) {
    throw Error(ExitCode::kRunFailed, "DuckDB did not accept the function seen()");
  }
}

uint64_t SeenBits::bytes_for(int64_t rows) { return bits_for(rows) / 8; }

void SeenBits::reset(int64_t rows) {
  const uint64_t bits = bits_for(rows);
  words_ = std::make_unique<std::atomic<uint64_t>[]>(bits / 64);  // value-initialised: all clear
  mask_ = bits - 1;
}

void SeenBits::call(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto* self = static_cast<SeenBits*>(duckdb_scalar_function_get_extra_info(info));
  if (self->words_ == nullptr) {
    duckdb_scalar_function_set_error(info, "seen() was called outside a search for duplicates");
    return;
  }
  const auto* hashes = static_cast<const uint64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 0)));
  auto* out = static_cast<bool*>(duckdb_vector_get_data(output));
  const idx_t size = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < size; ++row) out[row] = self->test_and_set(hashes[row]);
}

}  // namespace metl::engine

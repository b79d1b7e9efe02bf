#include "engine/duckdb/letter_case.h"

#include "engine/duckdb/client.h"
#include "movies_etl_bridge/src/lib.rs.h"
#include "rust/cxx.h"

namespace metl::engine {
namespace {

template <rust::String (*kMap)(rust::Str)>
void map_texts(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  const duckdb_vector texts = duckdb_data_chunk_get_vector(input, 0);
  auto* data = static_cast<duckdb_string_t*>(duckdb_vector_get_data(texts));
  uint64_t* valid = duckdb_vector_get_validity(texts);
  const idx_t size = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < size; ++row) {
    if (duckdb_validity_row_is_valid(valid, row)) {
      const rust::String mapped = kMap({duckdb_string_t_data(&data[row]), duckdb_string_t_length(data[row])});
      duckdb_unsafe_vector_assign_string_element_len(output, row, mapped.data(), mapped.size());
    } else {
      duckdb_vector_ensure_validity_writable(output);
      duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
    }
  }
}

}  // namespace

void add_letter_case(Client& client) {
  constexpr auto kText = DUCKDB_TYPE_VARCHAR;
  for (const char* name : {"upper", "ucase"}) client.add_function({name, kText, kText, map_texts<bridge::to_upper>});
  for (const char* name : {"lower", "lcase"}) client.add_function({name, kText, kText, map_texts<bridge::to_lower>});
}

}  // namespace metl::engine

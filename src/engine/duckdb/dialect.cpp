#include "engine/duckdb/dialect.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "movies_etl_bridge/src/lib.rs.h"
#include "rust/cxx.h"

namespace metl::engine {
namespace {

constexpr size_t kMostTexts = 16;  // that concat() takes

constexpr const char* kMacros[] = {
    "size(list) AS len(list)",
    "array_sort(list) AS list_sort(list, 'ASC', 'NULLS LAST')",
    "dayofweek(moment) AS system.main.dayofweek(moment) + 1",  // 1 is Sunday
    "datediff(later, earlier) AS system.main.datediff('day', earlier, later)",
    "weekday(moment) AS isodow(moment) - 1",  // 0 is Monday
    "isnan(number) AS coalesce(system.main.isnan(number), false)",
    "regexp_replace(letters, old, new) AS system.main.regexp_replace(letters, old, new, 'g')",
};

// NULL when one of the texts is; DuckDB's own leaves it out.
std::string concat_macro() {
  std::vector<std::string> texts, overloads;
  while (texts.size() < kMostTexts) {
    texts.push_back(fmt::format("text{}", texts.size() + 1));
    overloads.push_back(fmt::format("({}) AS {}", fmt::join(texts, ", "), fmt::join(texts, " || ")));
  }
  return fmt::format("concat {}", fmt::join(overloads, ", "));
}

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

// By Unicode's full mapping, in which a letter may become several ('ß' to 'SS') and the sigma that ends a word is
// another letter. DuckDB's own, which these replace, map letter by letter.
void add_letter_case(Client& client) {
  constexpr auto kText = DUCKDB_TYPE_VARCHAR;
  for (const char* name : {"upper", "ucase"}) client.add_function({name, kText, kText, map_texts<bridge::to_upper>});
  for (const char* name : {"lower", "lcase"}) client.add_function({name, kText, kText, map_texts<bridge::to_lower>});
}

}  // namespace

void speak_as_spark(Client& client) {
  std::string statements = fmt::format("CREATE TEMP MACRO {}", concat_macro());
  for (const char* macro : kMacros) statements += fmt::format("; CREATE TEMP MACRO {}", macro);
  client.execute(statements);
  add_letter_case(client);
}

}  // namespace metl::engine

#include "engine/duckdb/dialect.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "movies_etl_bridge/src/lib.rs.h"
#include "rust/cxx.h"

namespace metl::engine {
namespace {

constexpr size_t kMostTexts = 32;  // that concat() takes; a macro has no list of arguments of any length

// Spark's meaning for Spark's number of arguments. A macro hides DuckDB's function of that name whole, so it also hands
// on the other numbers of arguments, with DuckDB's meaning.
constexpr const char* kMacros[] = {
    "size(list) AS len(list)",
    "dayofweek(moment) AS system.main.dayofweek(moment) + 1",  // 1 is Sunday
    R"(datediff(later, earlier) AS system.main.datediff('day', earlier, later),
       (part, earlier, later) AS system.main.datediff(part, earlier, later))",
    "weekday(moment) AS isodow(moment) - 1",  // 0 is Monday
    "isnan(number) AS coalesce(system.main.isnan(number), false)",
};

// NULL when one of the texts is; DuckDB's own leaves it out.
std::string concat_macro() {
  std::vector<std::string> texts{"text1"};
  std::vector<std::string> overloads{"(text1) AS CASE WHEN text1 IS NULL THEN NULL ELSE system.main.concat(text1) END"};
  while (texts.size() < kMostTexts) {
    texts.push_back(fmt::format("text{}", texts.size() + 1));
    overloads.push_back(fmt::format("({}) AS {}", fmt::join(texts, ", "), fmt::join(texts, " || ")));
  }
  return fmt::format("concat {}", fmt::join(overloads, ", "));
}

// DuckDB wants the order of a sort as a constant, which a macro's argument is not: each is a branch of its own, and all
// but one are gone before the statement runs.
std::string array_sort_macro() {
  std::string directions, both;
  for (const char* direction : {"ASC", "DESC"}) {
    const std::string when = fmt::format(" WHEN upper(direction) IN ('{0}', '{0}ENDING')", direction);
    directions += fmt::format("{} THEN list_sort(list, '{}')", when, direction);
    for (const char* nulls : {"NULLS FIRST", "NULLS LAST"}) {
      both += fmt::format("{} AND replace(upper(nulls), '_', ' ') = '{}' THEN list_sort(list, '{}', '{}')", when, nulls,
                          direction, nulls);
    }
  }
  constexpr const char* kRefused = "ELSE error('array_sort() sorts ASC or DESC, NULLS FIRST or NULLS LAST') END";
  return fmt::format(
      "array_sort(list) AS list_sort(list, 'ASC', 'NULLS LAST'), "
      "(list, direction) AS CASE WHEN direction IS NULL THEN NULL{} {}, "
      "(list, direction, nulls) AS CASE WHEN direction IS NULL OR nulls IS NULL THEN NULL{} {}",
      directions, kRefused, both, kRefused);
}

// Of three texts every match, as Spark. The options of the fourth are constants to DuckDB, as in array_sort_macro():
// global, letters of any case, a literal text, a point that is also the end of a line.
std::string regexp_replace_macro() {
  std::string branches;
  for (int chosen = 0; chosen < 16; ++chosen) {
    const auto is_chosen = [chosen](int option) { return (chosen >> option & 1) != 0; };
    std::string options;
    for (int option = 0; option < 4; ++option) options += is_chosen(option) ? std::string(1, "gils"[option]) : "";
    branches += fmt::format(
        " WHEN contains(options, 'g') = {} AND regexp_matches(options, 'i[^c]*$') = {} AND contains(options, 'l') = {}"
        " AND regexp_matches(options, 's[^mnp]*$') = {} THEN system.main.regexp_replace(letters, old, new, '{}')",
        is_chosen(0), is_chosen(1), is_chosen(2), is_chosen(3), options);
  }
  return fmt::format(
      "regexp_replace(letters, old, new) AS system.main.regexp_replace(letters, old, new, 'g'), "
      "(letters, old, new, options) AS CASE WHEN options IS NULL THEN NULL"
      " WHEN NOT regexp_full_match(options, '[cgilmnps\\s]*') THEN error('Unrecognized Regex option ' || options){} "
      "END",
      branches);
}

template <rust::String (*kMap)(rust::Str)>
void map_texts(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) try {
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
} catch (const std::exception& e) {  // DuckDB, called in C, cannot pass one on.
  duckdb_scalar_function_set_error(info, e.what());
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
  std::string statements;
  for (const auto& macro : {concat_macro(), array_sort_macro(), regexp_replace_macro()})
    statements += fmt::format("CREATE TEMP MACRO {}; ", macro);
  for (const char* macro : kMacros) statements += fmt::format("CREATE TEMP MACRO {}; ", macro);
  client.execute(statements);
  add_letter_case(client);
}

}  // namespace metl::engine

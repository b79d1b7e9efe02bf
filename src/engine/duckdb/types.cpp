#include "engine/duckdb/types.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "base/text.h"
#include "engine/duckdb/client.h"
#include "sql/names.h"

namespace metl::engine {
namespace {

using Kind = Type::Kind;

Type plain(Kind kind) { return {.kind = kind, .children = {}}; }
Type decimal(int precision, int scale) {
  return {.kind = Kind::kDecimal, .precision = precision, .scale = scale, .children = {}};
}

std::string take_name(char* name) {
  std::string out = name;
  duckdb_free(name);
  return out;
}

Type child(duckdb_logical_type owned) {
  const LogicalType type(owned);
  return from_duckdb(type.get());
}

}  // namespace

Type from_duckdb(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN:
      return plain(Kind::kBoolean);
    case DUCKDB_TYPE_TINYINT:
      return plain(Kind::kByte);
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_UTINYINT:
      return plain(Kind::kShort);
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_USMALLINT:
      return plain(Kind::kInt);
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UINTEGER:
      return plain(Kind::kLong);
    case DUCKDB_TYPE_UBIGINT:
      return decimal(20, 0);
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
      return decimal(38, 0);
    case DUCKDB_TYPE_FLOAT:
      return plain(Kind::kFloat);
    case DUCKDB_TYPE_DOUBLE:
      return plain(Kind::kDouble);
    case DUCKDB_TYPE_DECIMAL:
      return decimal(duckdb_decimal_width(type), duckdb_decimal_scale(type));
    case DUCKDB_TYPE_BLOB:
      return plain(Kind::kBinary);
    case DUCKDB_TYPE_DATE:
      return plain(Kind::kDate);
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return plain(Kind::kTimestamp);
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return plain(Kind::kTimestampNtz);
    case DUCKDB_TYPE_LIST:
      return {.kind = Kind::kArray, .children = {{"element", child(duckdb_list_type_child_type(type)), true, {}}}};
    case DUCKDB_TYPE_ARRAY:
      return {.kind = Kind::kArray, .children = {{"element", child(duckdb_array_type_child_type(type)), true, {}}}};
    case DUCKDB_TYPE_MAP:
      return {.kind = Kind::kMap,
              .children = {{"key", child(duckdb_map_type_key_type(type)), false, {}},
                           {"value", child(duckdb_map_type_value_type(type)), true, {}}}};
    case DUCKDB_TYPE_STRUCT: {
      Type out = plain(Kind::kStruct);
      for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
        out.children.push_back({take_name(duckdb_struct_type_child_name(type, i)),
                                child(duckdb_struct_type_child_type(type, i)),
                                true,
                                {}});
      }
      return out;
    }
    default:
      return plain(Kind::kString);
  }
}

std::string to_duckdb(const Type& type) {
  switch (type.kind) {
    case Kind::kBoolean:
      return "BOOLEAN";
    case Kind::kByte:
      return "TINYINT";
    case Kind::kShort:
      return "SMALLINT";
    case Kind::kInt:
      return "INTEGER";
    case Kind::kLong:
      return "BIGINT";
    case Kind::kFloat:
      return "FLOAT";
    case Kind::kDouble:
      return "DOUBLE";
    case Kind::kDecimal:
      return fmt::format("DECIMAL({},{})", type.precision, type.scale);
    case Kind::kString:
      return "VARCHAR";
    case Kind::kBinary:
      return "BLOB";
    case Kind::kDate:
      return "DATE";
    case Kind::kTimestamp:
      return "TIMESTAMPTZ";
    case Kind::kTimestampNtz:
      return "TIMESTAMP";
    case Kind::kArray:
      return to_duckdb(type.children.at(0).type) + "[]";
    case Kind::kMap:
      return fmt::format("MAP({}, {})", to_duckdb(type.children.at(0).type), to_duckdb(type.children.at(1).type));
    case Kind::kStruct: {
      std::vector<std::string> fields;
      for (const auto& field : type.children) {
        fields.push_back(fmt::format("{} {}", sql::identifier(field.name), to_duckdb(field.type)));
      }
      return fmt::format("STRUCT({})", fmt::join(fields, ", "));
    }
  }
  return "VARCHAR";
}

std::string transport_type(const Type& type) {
  switch (type.kind) {
    case Kind::kBoolean:
      return "BOOLEAN";
    case Kind::kByte:
    case Kind::kShort:
    case Kind::kInt:
    case Kind::kLong:
      return "BIGINT";
    case Kind::kFloat:
    case Kind::kDouble:
      return "DOUBLE";
    case Kind::kDecimal:
      return is_wide_whole(type) ? "VARCHAR" : "DOUBLE";
    default:
      return "VARCHAR";
  }
}

Value wide_whole(const std::string& text) {
  int64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed == std::errc() && end == text.data() + text.size()) return number;
  return std::strtod(text.c_str(), nullptr);
}

std::string string_at(duckdb_vector vector, idx_t row) {
  auto* text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)) + row;
  return {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
}

Value value_at(duckdb_vector vector, idx_t row) {
  uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return {};
  void* data = duckdb_vector_get_data(vector);
  const LogicalType type(duckdb_vector_get_column_type(vector));
  switch (duckdb_get_type_id(type.get())) {
    case DUCKDB_TYPE_BOOLEAN:
      return static_cast<bool*>(data)[row];
    case DUCKDB_TYPE_BIGINT:
      return static_cast<int64_t*>(data)[row];
    case DUCKDB_TYPE_DOUBLE:
      return static_cast<double*>(data)[row];
    default:
      return string_at(vector, row);
  }
}

}  // namespace metl::engine

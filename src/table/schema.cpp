#include "table/schema.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"

namespace metl::table {
namespace {

using Json = nlohmann::json;
using Kind = Type::Kind;

constexpr std::array<std::pair<Kind, const char*>, 12> kPrimitives = {{
    {Kind::kBoolean, "boolean"},
    {Kind::kByte, "byte"},
    {Kind::kShort, "short"},
    {Kind::kInt, "integer"},
    {Kind::kLong, "long"},
    {Kind::kFloat, "float"},
    {Kind::kDouble, "double"},
    {Kind::kString, "string"},
    {Kind::kBinary, "binary"},
    {Kind::kDate, "date"},
    {Kind::kTimestamp, "timestamp"},
    {Kind::kTimestampNtz, "timestamp_ntz"},
}};

Json to_json(const Type& type);

Json to_json(const Field& field) {
  Json metadata = Json::object();
  if (!field.comment.empty()) metadata["comment"] = field.comment;
  return {{"name", field.name}, {"type", to_json(field.type)}, {"nullable", field.nullable}, {"metadata", metadata}};
}

Json struct_of(const std::vector<Field>& fields) {
  Json list = Json::array();
  for (const Field& field : fields) list.push_back(to_json(field));
  return {{"type", "struct"}, {"fields", list}};
}

Json to_json(const Type& type) {
  switch (type.kind) {
    case Kind::kStruct:
      return struct_of(type.children);
    case Kind::kArray:
      return {{"type", "array"},
              {"elementType", to_json(type.children[0].type)},
              {"containsNull", type.children[0].nullable}};
    case Kind::kMap:
      return {{"type", "map"},
              {"keyType", to_json(type.children[0].type)},
              {"valueType", to_json(type.children[1].type)},
              {"valueContainsNull", type.children[1].nullable}};
    case Kind::kDecimal:
      return fmt::format("decimal({},{})", type.precision, type.scale);
    default:
      for (const auto& [kind, name] : kPrimitives) {
        if (kind == type.kind) return name;
      }
  }
  throw Error(Cause::kNotSupported, fmt::format("Delta has no type for {}", type_name(type)));
}

Type type_from(const Json& json, const std::string& column);

std::vector<Field> fields_from(const Json& json, const std::string& parent) {
  std::vector<Field> fields;
  for (const Json& item : json.at("fields")) {
    Field field;
    field.name = item.at("name");
    field.type = type_from(item.at("type"), parent + field.name);
    field.nullable = item.value("nullable", true);
    const Json metadata = item.value("metadata", Json::object());
    const auto comment = metadata.find("comment");
    if (comment != metadata.end() && comment->is_string()) field.comment = *comment;
    fields.push_back(std::move(field));
  }
  return fields;
}

Type type_from(const Json& json, const std::string& column) {
  Type type;
  if (json.is_object()) {
    const std::string kind = json.at("type");
    if (kind == "struct") {
      type.kind = Kind::kStruct;
      type.children = fields_from(json, column + ".");
      return type;
    }
    if (kind == "array") {
      type.kind = Kind::kArray;
      type.children = {
          {"element", type_from(json.at("elementType"), column + ".element"), json.value("containsNull", true), ""}};
      return type;
    }
    if (kind == "map") {
      type.kind = Kind::kMap;
      type.children = {
          {"key", type_from(json.at("keyType"), column + ".key"), false, ""},
          {"value", type_from(json.at("valueType"), column + ".value"), json.value("valueContainsNull", true), ""}};
      return type;
    }
  } else if (json.is_string()) {
    const std::string name = json;
    for (const auto& [kind, primitive] : kPrimitives) {
      if (name == primitive) {
        type.kind = kind;
        return type;
      }
    }
    if (name.starts_with("decimal")) {
      if (const std::optional<Type> decimal = parse_type(name)) return *decimal;
    }
  }
  throw Error(Cause::kNotSupported,
              fmt::format("column {} has the Delta type {}, which is not supported", column, json.dump()));
}

Json parsed(const std::string& json) {
  try {
    return Json::parse(json);
  } catch (const Json::exception& error) {
    throw Error(Cause::kDamagedTable, fmt::format("the table's schema cannot be read: {}", error.what()));
  }
}

Json mapping_of(const Json& field, const char* key) {
  const Json metadata = field.value("metadata", Json::object());
  if (!metadata.contains(key)) {
    throw Error(Cause::kDamagedTable,
                fmt::format("the table maps column names, but {} has no {}", field.value("name", ""), key));
  }
  return metadata[key];
}

// The fields of structs at any depth, called by their physical names.
Json renamed(Json json) {
  if (!json.is_structured()) return json;
  for (Json& part : json) part = renamed(std::move(part));
  if (json.is_object() && json.value("type", Json()) == "struct") {
    for (Json& field : json["fields"]) field["name"] = mapping_of(field, "delta.columnMapping.physicalName");
  }
  return json;
}

}  // namespace

std::string to_delta_schema(const Schema& columns) { return struct_of(columns).dump(); }

Schema stored_schema(const std::string& json) { return from_delta_schema(renamed(parsed(json)).dump()); }

std::vector<int> stored_field_ids(const std::string& json) {
  std::vector<int> ids;
  for (const Json& field : parsed(json).at("fields")) ids.push_back(mapping_of(field, "delta.columnMapping.id"));
  return ids;
}

Schema from_delta_schema(const std::string& json) {
  try {
    return fields_from(Json::parse(json), "");
  } catch (const Json::exception& error) {
    throw Error(Cause::kDamagedTable, fmt::format("the table's schema cannot be read: {}", error.what()));
  }
}

std::map<std::string, std::string> lengths_of(const std::string& json) {
  std::map<std::string, std::string> lengths;
  const Json schema = Json::parse(json);  // which from_delta_schema has read already
  for (const Json& field : schema.at("fields")) {
    const Json metadata = field.value("metadata", Json::object());
    if (const auto type = metadata.find("__CHAR_VARCHAR_TYPE_STRING"); type != metadata.end() && type->is_string())
      lengths.emplace(field.at("name"), *type);
  }
  return lengths;
}

}  // namespace metl::table

#include "pipeline/tests/row_set.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "base/widening.h"
#include "engine/duckdb/parquet_io.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"

namespace metl::pipeline::tests {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Kind = yaml::Node::Kind;

// A value of a JSON text as a node of a document.
yaml::Node node_of(const Json& value, yaml::Mark place) {
  std::vector<yaml::Node::Entry> entries;
  switch (value.type()) {
    case Json::value_t::null:
      return {place, Kind::kNull, {}};
    case Json::value_t::array:
      for (const auto& item : value) entries.emplace_back(node_of(item, place));
      return {place, Kind::kSequence, std::move(entries)};
    case Json::value_t::object:
      for (const auto& [key, item] : value.items())
        entries.emplace_back(yaml::Node(place, key, true), node_of(item, place));
      return {place, Kind::kMap, std::move(entries)};
    case Json::value_t::string:
      return {place, value.get<std::string>(), true};
    default:
      return {place, value.dump(), false};
  }
}

// Of a key that stands twice in an object the parser would keep the last.
Json parsed(const std::string& text, const Place& place) {
  std::vector<std::set<std::string>> keys;  // of the objects around the place that is read
  const auto note = [&](int, Json::parse_event_t event, Json& key) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(key.get<std::string>()).second)
      throw Error(Cause::kConfiguration, place, fmt::format("key '{}' stands twice", key.get<std::string>()));
    return true;
  };
  try {
    return Json::parse(text, note);
  } catch (const Json::exception& e) {
    throw Error(Cause::kConfiguration, place, fmt::format("is not JSON: {}", e.what()),
                "A file of rows holds one JSON object a line.");
  }
}

std::vector<yaml::Node> json_rows(const std::string& path) {
  std::istringstream lines(files::read(path).value_or(""));
  std::vector<yaml::Node> out;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (text::trim(line).empty()) continue;
    out.push_back(node_of(parsed(line, {path, number}), {number, 0}));
  }
  return out;
}

// Also where no row says so.
void require_known(const std::string& name, const Schema& columns, const std::string& path) {
  if (find_field(columns, name) != nullptr) return;
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  throw Error(Cause::kConfiguration, Place{path},
              fmt::format("unknown column '{}'.{}", name, text::did_you_mean(name, names)),
              fmt::format("There are: {}.", fmt::join(names, ", ")));
}

// Without quotes an empty value is NULL. A nested value is JSON.
std::vector<yaml::Node> csv_rows(engine::DuckdbEngine& engine, const std::string& path, const Schema& columns) {
  // DuckDB is told all that it would else guess, and leave lines out that do not fit its guess.
  const std::string sql = fmt::format(
      "SELECT * FROM read_csv({}, header = true, all_varchar = true, delim = ',', quote = '\"', "
      "escape = '\"', allow_quoted_nulls = false, skip = 0, comment = '', strict_mode = true, "
      "null_padding = false, hive_partitioning = false)",
      sql::literal(engine::file_pattern(path)));
  Rows rows;
  try {
    rows = engine.query(sql);
  } catch (const Error& e) {
    if (e.cause() != Cause::kStatement) throw;
    throw Error(Cause::kConfiguration, Place{path}, "cannot be read as CSV: " + text::split(e.message(), '\n').front(),
                "It begins with the names of its columns, and each row has as many values, with commas between them; a "
                "text with a comma or a line break stands in double quotes.");
  }
  for (const auto& column : rows.columns) require_known(column.name, columns, path);
  std::vector<yaml::Node> out;
  for (const auto& row : rows.rows) {
    std::vector<yaml::Node::Entry> entries;
    for (size_t i = 0; i < row.size(); ++i) {
      const yaml::Node name({}, rows.columns[i].name, true);
      const Field* column = find_field(columns, rows.columns[i].name);
      const auto* text = std::get_if<std::string>(&row[i]);
      if (text == nullptr) {
        entries.emplace_back(name, yaml::Node({}, Kind::kNull, {}));
      } else if (column != nullptr && column->type.is_nested()) {
        entries.emplace_back(name, node_of(parsed(*text, {path}), {}));
      } else {
        entries.emplace_back(name, yaml::Node({}, *text, false));
      }
    }
    out.emplace_back(yaml::Mark{}, Kind::kMap, std::move(entries));
  }
  return out;
}

std::string parquet_select(engine::DuckdbEngine& engine, const std::string& path, const Schema& columns) {
  const engine::SourceFile file = engine.inspect({path}).front();
  std::vector<std::string> items;
  for (const auto& column : file.schema) require_known(column.name, columns, path);
  for (const auto& column : columns) {
    const Field* found = find_field(file.schema, column.name);
    std::string value = "NULL";
    if (found != nullptr) {
      const auto& stored = file.stored.at(static_cast<size_t>(found - file.schema.data()));
      if (!widens(with_nulls_as(found->type, stored.nulls, column.type), column.type)) {
        throw Error(Cause::kConfiguration, Place{path},
                    fmt::format("column '{}' has type {}, expected {}", column.name, type_name(found->type),
                                type_name(column.type)));
      }
      value = engine::as_readable(sql::identifier(stored.name), found->type, stored);
    }
    items.push_back(
        fmt::format("CAST({} AS {}) AS {}", value, engine::to_duckdb(column.type), sql::identifier(column.name)));
  }
  return fmt::format("SELECT {} FROM {}", fmt::join(items, ", "), engine::scan_sql({path}));
}

// Keys in the order of their names, so that the entries of a map have one; bare NaN and Infinity stay as they are.
std::string canonical(const std::string& json) {
  const auto value = nlohmann::json::parse(json, nullptr, false);
  return value.is_discarded() ? json : on_one_line(value);
}

std::string quoted(const std::string& text) { return on_one_line(Json(text)); }

std::string cell(const Value& value, const Type& type) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return "null";
  if (type.is_nested()) return canonical(*text);
  switch (type.kind) {
    case Type::Kind::kBoolean:
    case Type::Kind::kByte:
    case Type::Kind::kShort:
    case Type::Kind::kInt:
    case Type::Kind::kLong:
      return *text;
    case Type::Kind::kFloat:
    case Type::Kind::kDouble:
      return text->find_first_of("nN") == std::string::npos ? *text : quoted(*text);  // nan, inf
    default:  // a decimal too, whose digits a number of JSON may lose
      return quoted(*text);
  }
}

}  // namespace

RowSet load_rows(engine::DuckdbEngine& engine, const std::string& test_file, const WrittenRows& rows) {
  const Schema& columns = rows.columns;
  RowSet out{columns, {}, ""};
  if (rows.path.empty()) {
    out.typed = typed_rows(engine, test_file, {rows.node.begin(), rows.node.end()}, columns);
    return out;
  }
  const std::string format = format_of(rows.path);
  try {
    if (!fs::exists(rows.path))
      throw Error(Cause::kConfiguration, Place{rows.path}, "there is no such file",
                  "Correct its name. --update writes a file of expected rows (.ndjson).");
    if (format == "parquet") {
      out.parquet = parquet_select(engine, rows.path, columns);
    } else {
      const auto nodes = format == "csv" ? csv_rows(engine, rows.path, columns) : json_rows(rows.path);
      out.typed = typed_rows(engine, rows.path, nodes, columns);
    }
  } catch (const Error& e) {
    if (is_of_the_system(e.cause()) || e.cause() == Cause::kInterrupted) throw;
    const std::string place = to_text(yaml::place_in(test_file, rows.node));
    throw Error(Cause::kConfiguration, fmt::format("{}: {}", place, e.message()), e.hint());
  }
  return out;
}

std::string select_of(const RowSet& rows, const std::string& folder) {
  if (!rows.parquet.empty()) return rows.parquet;
  std::vector<std::string> names, types;
  for (const auto& column : rows.columns) {
    const std::string name = sql::identifier(column.name);
    const std::string type = engine::to_duckdb(column.type);
    // A binary is written in DuckDB's escapes, which its reader of JSON takes as they are.
    const bool is_escaped = column.type.kind == Type::Kind::kBinary;
    names.push_back(is_escaped ? fmt::format("CAST({0} AS {1}) AS {0}", name, type) : name);
    types.push_back(fmt::format("{}: {}", sql::literal(column.name), sql::literal(is_escaped ? "VARCHAR" : type)));
  }
  const std::string path = folder + "/rows.ndjson";
  files::write(path, rows.typed.lines, files::kPrivate);
  constexpr size_t kLongestLine = 1 << 24;
  return fmt::format(
      "SELECT {} FROM read_json({}, format = 'newline_delimited', records = 'true', columns = {{{}}}, maximum_object_size = {}, "
      "hive_partitioning = false)",
      fmt::join(names, ", "), sql::literal(engine::file_pattern(path)), fmt::join(types, ", "), kLongestLine);
}

std::vector<Cells> cells_of(engine::DuckdbEngine& engine, const std::string& select, const Schema& columns) {
  std::vector<std::string> items;
  for (const auto& column : columns) {
    const std::string name = sql::identifier(column.name);
    const std::string value = column.type.is_nested() ? fmt::format("to_json({})", name) : name;
    items.push_back(fmt::format("CAST({} AS VARCHAR)", value));
  }
  const Rows rows = engine.query(fmt::format("SELECT {} FROM ({}) AS rows_of_a_test", fmt::join(items, ", "), select));
  std::vector<Cells> out;
  for (const auto& row : rows.rows) {
    out.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) out.back().push_back(cell(row[i], columns[i].type));
  }
  return out;
}

std::string lines_of(const std::vector<Cells>& rows, const Schema& columns) {
  std::string out;
  for (const auto& row : rows) {
    std::vector<std::string> parts;
    for (size_t i = 0; i < columns.size(); ++i) parts.push_back(fmt::format("{}:{}", quoted(columns[i].name), row[i]));
    out += fmt::format("{{{}}}\n", fmt::join(parts, ","));
  }
  return out;
}

}  // namespace metl::pipeline::tests

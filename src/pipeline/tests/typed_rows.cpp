#include "pipeline/tests/typed_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/duckdb/types.h"
#include "sql/names.h"

namespace metl::pipeline::tests {
namespace {

using Json = nlohmann::ordered_json;
using Kind = Type::Kind;

constexpr size_t kDigitsOfADouble = 15;

std::string names_of(const Schema& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string without_plus(const std::string& text) { return text.starts_with('+') ? text.substr(1) : text; }

template <typename Number>
std::optional<Number> whole_text_as(const std::string& text) {
  Number out{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failed == std::errc() && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

bool is_whole_number(const std::string& text, Kind kind) {
  const auto value = whole_text_as<int64_t>(text);
  if (!value) return false;
  const auto fits = [&](auto least, auto most) { return *value >= least && *value <= most; };
  if (kind == Kind::kByte) return fits(std::numeric_limits<int8_t>::min(), std::numeric_limits<int8_t>::max());
  if (kind == Kind::kShort) return fits(std::numeric_limits<int16_t>::min(), std::numeric_limits<int16_t>::max());
  if (kind == Kind::kInt) return fits(std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
  return true;
}

// As DuckDB reads it; YAML and JSON have other words for what is no number.
std::optional<std::string> real_number(const std::string& text, Kind kind) {
  const std::string word = text::to_lower(text);
  for (const char* name : {".nan", "nan"}) {
    if (word == name) return "NaN";
  }
  for (const char* name : {".inf", "inf", "infinity"}) {
    if (word == name || word == std::string("+") + name) return "Infinity";
    if (word == std::string("-") + name) return "-Infinity";
  }
  const std::string plain = without_plus(text);
  const auto value = whole_text_as<double>(plain);
  const bool fits = kind != Kind::kFloat || whole_text_as<float>(plain).has_value();
  return value && fits && std::isfinite(*value) ? std::optional(plain) : std::nullopt;
}

// Whether every digit has a place in decimal(p,s).
bool is_decimal(const std::string& text, const Type& type) {
  const std::string digits = text.starts_with('-') ? text.substr(1) : without_plus(text);
  const size_t point = digits.find('.');
  std::string before = digits.substr(0, point);
  std::string behind = point == std::string::npos ? "" : digits.substr(point + 1);
  const std::string all = before + behind;
  if (all.empty() || !std::all_of(all.begin(), all.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  before.erase(0, std::min(before.find_first_not_of('0'), before.size()));
  behind.erase(behind.find_last_not_of('0') + 1);
  return before.size() <= static_cast<size_t>(type.precision - type.scale) &&
         behind.size() <= static_cast<size_t>(type.scale);
}

bool is_day(const std::string& text) {
  try {
    Date::parse(text);
    return true;
  } catch (const Error&) {
    return false;
  }
}

class Reader {
 public:
  Reader(const std::string& file, const Schema& columns) : file_(file), columns_(columns) {}

  void add(const yaml::Node& row) {
    ++number_;
    if (!row.is_map()) refuse(row, "a row must map columns to values", "For example: {id: 1, name: x}.");
    Json out = Json::object();
    out_.named.emplace_back();
    for (const auto& entry : row) {
      const Field& column = known(entry.first, columns_, "column");
      if (out.contains(column.name)) refuse(entry.first, fmt::format("column '{}' stands twice", column.name));
      out[column.name] = value(entry.second, column.type, fmt::format("column '{}'", column.name));
      out_.named.back().push_back(column.name);
    }
    out_.lines += out.dump() + "\n";
  }

  // Asks the engine about all that only it can judge.
  TypedRows finish(engine::DuckdbEngine& engine) {
    std::vector<std::string> questions;
    for (size_t i = 0; i < judged_.size(); ++i) {
      questions.push_back(fmt::format("SELECT CAST({} AS BIGINT) AS i WHERE TRY_CAST({} AS {}) IS NULL", i,
                                      sql::literal(judged_[i].text), engine::to_duckdb(judged_[i].type)));
    }
    if (questions.empty()) return std::move(out_);
    const Rows wrong = engine.query(
        fmt::format("SELECT i FROM ({}) AS asked ORDER BY i LIMIT 1", fmt::join(questions, " UNION ALL ")));
    if (!wrong.rows.empty()) throw judged_.at(static_cast<size_t>(std::get<int64_t>(wrong.rows[0][0]))).error;
    return std::move(out_);
  }

 private:
  struct Judged {
    std::string text;
    Type type;
    Error error;  // if it is none
  };

  Error fault(const yaml::Node& at, const std::string& what, const std::string& hint = {}) const {
    if (at.place().line > 0) return yaml::error_at(file_, at, what, hint);
    return {Cause::kConfiguration, Place{file_}, fmt::format("row {}: {}", number_, what), hint};
  }
  [[noreturn]] void refuse(const yaml::Node& at, const std::string& what, const std::string& hint = {}) const {
    throw fault(at, what, hint);
  }

  // Of those the line is known, but no column.
  static bool is_json(const yaml::Node& node) { return node.place().line > 0 && node.place().column == 0; }

  const Field& known(const yaml::Node& key, const Schema& fields, const std::string& what) const {
    const Field* found = find_field(fields, key.text());
    if (found != nullptr) return *found;
    std::vector<std::string> names;
    for (const auto& field : fields) names.push_back(field.name);
    refuse(key, fmt::format("unknown {} '{}'.{}", what, key.text(), text::did_you_mean(key.text(), names)),
           fmt::format("There are: {}.", names_of(fields)));
  }

  Json value(const yaml::Node& node, const Type& type, const std::string& what) {
    if (node.is_null()) return nullptr;
    switch (type.kind) {
      case Kind::kArray:
        return list(node, type, what);
      case Kind::kStruct:
        return record(node, type, what);
      case Kind::kMap:
        return map(node, type, what);
      default:
        return scalar(node, type, what);
    }
  }

  [[noreturn]] void refuse_type(const yaml::Node& node, const Type& type, const std::string& what,
                                const std::string& hint = {}) const {
    const std::string is = node.is_sequence() ? "a list"
                           : node.is_map()    ? "a mapping"
                                              : fmt::format("'{}'", node.text());
    refuse(node, fmt::format("{}: {} is not of type {}", what, is, type_name(type)), hint);
  }

  Json list(const yaml::Node& node, const Type& type, const std::string& what) {
    if (!node.is_sequence()) refuse_type(node, type, what, "It is written as a list.");
    Json out = Json::array();
    for (const auto& item : node)
      out.push_back(value(item, type.children[0].type, fmt::format("{}[{}]", what, out.size())));
    return out;
  }

  Json record(const yaml::Node& node, const Type& type, const std::string& what) {
    if (!node.is_map()) refuse_type(node, type, what, "It is written as a mapping of its fields.");
    Json out = Json::object();
    for (const auto& entry : node) {
      const Field& field = known(entry.first, type.children, fmt::format("field of {},", what));
      if (out.contains(field.name)) refuse(entry.first, fmt::format("{}: '{}' stands twice", what, field.name));
      out[field.name] = value(entry.second, field.type, fmt::format("{}.{}", what, field.name));
    }
    return out;
  }

  Json map(const yaml::Node& node, const Type& type, const std::string& what) {
    if (!node.is_map()) refuse_type(node, type, what, "It is written as a mapping.");
    Json out = Json::object();
    for (const auto& entry : node) {
      // A key of JSON is a text, whatever it is a key of.
      const yaml::Node plain(entry.first.place(), entry.first.text(), false);
      const Json key = value(plain, type.children[0].type, fmt::format("a key of {}", what));
      const auto& text = key.get_ref<const std::string&>();
      out[text] = value(entry.second, type.children[1].type, fmt::format("{}[{}]", what, text));
    }
    return out;
  }

  Json scalar(const yaml::Node& node, const Type& type, const std::string& what) {
    if (!node.is_scalar()) refuse_type(node, type, what);
    const std::string& text = node.text();
    const bool number = !node.is_quoted();
    std::optional<std::string> out;
    switch (type.kind) {
      case Kind::kString:
        return text;
      case Kind::kBinary:
        judged_.push_back({text, type,
                           fault(node, fmt::format("{}: '{}' is not of type binary", what, text),
                                 "Write \\xFF for a byte that is not a plain letter.")});
        return text;
      case Kind::kBoolean:
        if (const auto word = text::to_lower(text); number && (word == "true" || word == "false")) out = word;
        break;
      case Kind::kByte:
      case Kind::kShort:
      case Kind::kInt:
      case Kind::kLong:
        if (number && is_whole_number(without_plus(text), type.kind)) out = without_plus(text);
        break;
      case Kind::kFloat:
      case Kind::kDouble:
        // JSON has no other way to write what is no number than as a text.
        out = real_number(text, type.kind);
        if (!number && out && *out != "NaN" && !out->ends_with("Infinity")) out.reset();
        break;
      case Kind::kDecimal:
        if (number && is_json(node) && text.find('.') != std::string::npos && text.size() > kDigitsOfADouble)
          refuse_type(node, type, what, "A number of JSON may lose digits; write it in quotes.");
        if (is_decimal(text, type)) out = without_plus(text);
        break;
      case Kind::kDate:
        if (is_day(text)) out = text;
        break;
      default:
        judged_.push_back({text, type,
                           fault(node, fmt::format("{}: '{}' is not of type {}", what, text, type_name(type)),
                                 "Write it as 2021-01-01 12:30:00; what has no zone is UTC.")});
        return text;
    }
    if (out) return *out;
    refuse_type(node, type, what, node.is_quoted() ? "In quotes it is a text; write it without them." : "");
  }

  const std::string& file_;
  const Schema& columns_;
  size_t number_ = 0;  // of the row, from 1
  TypedRows out_;
  std::vector<Judged> judged_;
};

}  // namespace

TypedRows typed_rows(engine::DuckdbEngine& engine, const std::string& file, const std::vector<yaml::Node>& rows,
                     const Schema& columns) {
  Reader reader(file, columns);
  for (const auto& row : rows) reader.add(row);
  return reader.finish(engine);
}

}  // namespace metl::pipeline::tests

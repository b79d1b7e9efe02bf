#include "pipeline/stats.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace metl::pipeline {
namespace {

constexpr int kLeafColumns = 32;      // Delta's default delta.dataSkippingNumIndexedCols
constexpr size_t kBoundLetters = 32;  // Delta's own cut of string bounds

using Json = nlohmann::ordered_json;

// Where the code point behind the first `letters` begins, and the length of `utf8` if it has no more.
size_t end_of_letters(const std::string& utf8, size_t letters) {
  size_t at = 0;
  for (size_t count = 0; at < utf8.size(); ++at) {
    const bool starts = (static_cast<unsigned char>(utf8[at]) & 0xC0) != 0x80;
    if (starts && count++ == letters) break;
  }
  return at;
}

bool is_utf8(const std::string& text) {
  try {
    static_cast<void>(Json(text).dump());
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

// "2021-01-01 10:00:00.123456+00" as ISO 8601 with milliseconds, rounded down or up: readers compare with that
// precision.
std::string timestamp_bound(std::string text, bool upper) {
  if (const size_t space = text.find(' '); space != std::string::npos) text[space] = 'T';
  if (const size_t zone = text.find('+', 10); zone != std::string::npos) text.resize(zone);
  std::string fraction;
  if (const size_t dot = text.find('.'); dot != std::string::npos) {
    fraction = text.substr(dot + 1);
    text.resize(dot);
  }
  const std::string all = fraction + "000000";
  std::string millis = all.substr(0, 3);
  // Rounding 999.5 ms up would carry into the seconds: one millisecond more than .999 is not worth a calendar.
  if (upper && all.substr(3, 3) != "000" && millis != "999") millis = fmt::format("{:03}", std::stoi(millis) + 1);
  if (upper && all.substr(3, 3) != "000" && millis == "999" && all.substr(0, 3) == "999") return "";
  return text + "." + millis;
}

std::optional<Json> bound(const Value& value, const Type& type, bool upper) {
  if (is_null(value)) return std::nullopt;
  if (const auto* number = std::get_if<double>(&value)) {
    return std::isfinite(*number) ? std::optional<Json>(*number) : std::nullopt;
  }
  if (const auto* flag = std::get_if<bool>(&value)) return Json(*flag);
  if (const auto* integer = std::get_if<int64_t>(&value)) return Json(*integer);
  const auto& text = std::get<std::string>(value);
  switch (type.kind) {
    case Type::Kind::kString: {
      // DuckDB cuts bounds near 256 bytes, perhaps inside a character.
      if (!is_utf8(text)) return std::nullopt;
      if (!upper) return Json(lower_bound(text));
      const auto cut = upper_bound(text);
      return cut ? std::optional<Json>(*cut) : std::nullopt;
    }
    case Type::Kind::kDate:
      return Json(text);
    case Type::Kind::kDecimal:
      return Json::parse(text);
    case Type::Kind::kTimestamp:
    case Type::Kind::kTimestampNtz: {
      const std::string iso = timestamp_bound(text, upper);
      return iso.empty() ? std::nullopt : std::optional<Json>(type.kind == Type::Kind::kTimestamp ? iso + "Z" : iso);
    }
    default:
      return std::nullopt;
  }
}

struct Stats {
  Json min = Json::object();
  Json max = Json::object();
  Json nulls = Json::object();
};

void add_leaves(const engine::DataFile& file, const Schema& fields, const std::string& prefix, int& leaves,
                Stats& out) {
  for (const auto& field : fields) {
    if (leaves >= kLeafColumns) return;
    if (field.type.kind == Type::Kind::kStruct) {
      Stats inner;
      add_leaves(file, field.type.children, prefix + field.name + ".", leaves, inner);
      if (!inner.min.empty()) out.min[field.name] = inner.min;
      if (!inner.max.empty()) out.max[field.name] = inner.max;
      if (!inner.nulls.empty()) out.nulls[field.name] = inner.nulls;
      continue;
    }
    ++leaves;
    const auto found = file.stats.find(prefix + field.name);
    if (found == file.stats.end()) continue;
    if (const auto min = bound(found->second.min, field.type, false)) out.min[field.name] = *min;
    if (const auto max = bound(found->second.max, field.type, true)) out.max[field.name] = *max;
    if (found->second.null_count) out.nulls[field.name] = *found->second.null_count;
  }
}

}  // namespace

std::string lower_bound(const std::string& utf8) { return utf8.substr(0, end_of_letters(utf8, kBoundLetters)); }

std::optional<std::string> upper_bound(const std::string& utf8) {
  const size_t end = end_of_letters(utf8, kBoundLetters);
  if (end == utf8.size()) return utf8;
  // The largest code point behind the prefix sorts after whatever was cut, unless that begins with it itself.
  constexpr const char* kLargest = "\xF4\x8F\xBF\xBF";
  if (utf8.compare(end, 4, kLargest) == 0) return std::nullopt;
  return utf8.substr(0, end) + kLargest;
}

std::string delta_stats(const engine::DataFile& file, const Schema& columns) {
  Stats stats;
  int leaves = 0;
  add_leaves(file, columns, "", leaves, stats);
  return Json{{"numRecords", file.rows},
              {"minValues", stats.min},
              {"maxValues", stats.max},
              {"nullCount", stats.nulls},
              {"tightBounds", true}}
      .dump();
}

}  // namespace metl::pipeline

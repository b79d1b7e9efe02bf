#include "engine/duckdb/failure.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/text.h"

namespace metl::engine {
namespace {

constexpr size_t kMostOfALine = 160;  // bytes that are shown

std::string text_in(const nlohmann::json& answer, const char* key) {
  const auto found = answer.find(key);
  return found == answer.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

std::optional<int> number_in(const nlohmann::json& answer, const char* key) {
  const std::string text = text_in(answer, key);
  int number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failed != std::errc() || text.empty() ? std::nullopt : std::optional(number);
}

Cause cause_of_status(int status) {
  constexpr int kUnauthorized = 401, kForbidden = 403, kNotFound = 404;
  if (status == kUnauthorized || status == kForbidden) return Cause::kNoRights;
  return status == kNotFound ? Cause::kNotFound : Cause::kUnreachable;
}

Cause cause_of(const std::string& kind, const nlohmann::json& answer) {
  if (const auto number = number_in(answer, "errno")) return cause_of_errno(*number);
  if (const auto status = number_in(answer, "status_code")) return cause_of_status(*status);
  if (kind == "IO") return Cause::kCutShort;  // less was read than was asked for
  if (kind == "HTTP" || kind == "Connection") return Cause::kUnreachable;
  if (kind == "Out of Memory") return Cause::kNoMemory;
  if (kind == "INTERNAL" || kind == "FATAL") return Cause::kInternal;
  return Cause::kStatement;
}

// "LINE 4: SELECT nme\n               ^"
std::string shown(std::string_view sql, size_t position) {
  const auto [number, column] = text::position_of(sql, position);
  const size_t at = static_cast<size_t>(column) - 1;
  const size_t start = position - at;
  const std::string_view line = sql.substr(start, std::min(sql.find('\n', position) - start, kMostOfALine));
  const std::string title = fmt::format("LINE {}: ", number);
  return fmt::format("\n\n{}{}{}", title, line,
                     at < line.size() ? fmt::format("\n{}^", std::string(title.size() + at, ' ')) : "");
}

Error missing_file(std::string_view path) {
  return {Cause::kNotFound, fmt::format("the data file {} is missing", path),
          "Somebody removed it, though it is still named where it was found. Restore it from a backup, or write its "
          "partition again."};
}

// What stands between the two; empty unless `text` begins with the one and has the other behind it.
std::optional<std::string> between(std::string_view text, std::string_view before, std::string_view behind) {
  const size_t end = text.find(behind, before.size());
  if (!text.starts_with(before) || end == std::string_view::npos) return std::nullopt;
  return std::string(text.substr(before.size(), end - before.size()));
}

}  // namespace

Error failure_of(const char* answer, std::string_view sql, const MayRead& may_read) {
  if (answer == nullptr) return {Cause::kFailed, "DuckDB failed without a message"};
  const std::string_view text = answer;
  const auto json = nlohmann::json::parse(text.substr(std::min(text.find('{'), text.size())), nullptr, false);
  if (!json.is_object()) return {Cause::kFailed, std::string(text)};
  const std::string kind = text_in(json, "exception_type");
  const std::string said = text_in(json, "exception_message");
  if (kind == "IO") {
    if (const auto path = between(said, "No files found that match the pattern \"", "\"")) return missing_file(*path);
  }
  if (kind == "Permission") {
    const auto path = between(said, "Cannot access file \"", "/**/*.parquet\"");
    if (path && may_read(*path)) return missing_file(*path);
  }
  const auto position = number_in(json, "position");
  const bool is_there = position && *position >= 0 && static_cast<size_t>(*position) < sql.size();
  return {cause_of(kind, json),
          fmt::format("{} Error: {}{}", kind, said, is_there ? shown(sql, static_cast<size_t>(*position)) : "")};
}

}  // namespace metl::engine

#include "quality/history/file_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "quality/model/timestamp.h"

namespace metl::quality {
namespace {

using nlohmann::json;

// `key` is canonical JSON.
std::string line_of(const std::string& key, DataTime time, const HistoryValue& value) {
  std::string kind = "value";
  std::string written;
  if (const auto* columns = std::get_if<MeasuredColumns>(&value)) {
    kind = "columns";
    written = on_one_line(json(*columns));
  } else if (const auto* groups = std::get_if<MeasuredGroups>(&value)) {
    kind = "groups";
    written = on_one_line(json(*groups));
  } else if (const auto* whole = std::get_if<int64_t>(&value)) {
    written = on_one_line(json(*whole));
  } else {
    written = on_one_line(json(std::get<double>(value)));
  }
  return fmt::format("{{\"key\":{},\"time\":\"{}\",\"{}\":{}}}\n", key, iso_utc(time), kind, written);
}

// Whether it is written as a whole number and fits 64 bits.
bool is_whole(const json& number) {
  const auto most = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  return number.is_number_unsigned() ? number.get<uint64_t>() <= most : number.is_number_integer();
}

// Throws json::exception, or std::invalid_argument, for what is no record.
HistoryRecord record_of(const std::string& line) {
  const json parsed = json::parse(line);
  const auto time = parse_timestamp(parsed.at("time").get<std::string>());
  if (!time || !parsed.at("key").is_object()) throw std::invalid_argument("no record");
  HistoryRecord out{parsed.at("key").dump(), std::chrono::floor<std::chrono::milliseconds>(*time), 0.0};
  if (parsed.contains("columns"))
    out.value = parsed.at("columns").get<MeasuredColumns>();
  else if (parsed.contains("groups"))
    out.value = parsed.at("groups").get<MeasuredGroups>();
  else if (const json& number = parsed.at("value"); is_whole(number))
    out.value = number.get<int64_t>();
  else
    out.value = number.get<double>();
  return out;
}

}  // namespace

std::vector<HistoryRecord> FileHistory::earlier(const std::string& key, DataTime before) {
  if (!content_) content_ = content_of(file_.read());
  std::vector<HistoryRecord> out;
  const auto series = content_->find(key);
  if (series == content_->end()) return out;
  for (const auto& [time, value] : series->second) {
    if (time < before) out.push_back({key, time, value});
  }
  return out;
}

void FileHistory::add(const std::vector<HistoryRecord>& records) {
  if (records.empty()) return;
  Content content;
  file_.update([&](const std::optional<std::string>& now) {
    content = content_of(now);
    for (const auto& record : records) content[record.key][record.data_time] = record.value;
    drop_oldest(content);
    std::string text;
    for (const auto& [key, series] : content) {
      for (const auto& [time, value] : series) text += line_of(key, time, value);
    }
    return text;
  });
  content_ = std::move(content);
}

FileHistory::Content FileHistory::content_of(const std::optional<std::string>& text) const {
  Content out;
  if (!text) return out;
  std::istringstream lines(*text);
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    try {
      HistoryRecord record = record_of(line);
      out[std::move(record.key)][record.data_time] = std::move(record.value);
    } catch (const std::exception&) {  // whatever it holds instead of a record
      if (lines.eof()) break;          // cut off: no newline ends it
      throw Error(Cause::kFailed,
                  fmt::format("{}:{}: this is not a record of the history of measurements", file_.name, number),
                  "Correct or remove the line; to start a new history, move the file away.");
    }
  }
  return out;
}

void FileHistory::drop_oldest(Content& content) {
  std::vector<DataTime> times;
  for (auto& [key, series] : content) {
    while (series.size() > kKeptOfKey) series.erase(series.begin());
    for (const auto& [time, value] : series) times.push_back(time);
  }
  if (times.size() <= kKept) return;
  const auto oldest_kept = times.end() - static_cast<std::ptrdiff_t>(kKept);
  std::nth_element(times.begin(), oldest_kept, times.end());
  for (auto& [key, series] : content) series.erase(series.begin(), series.lower_bound(*oldest_kept));
  std::erase_if(content, [](const auto& entry) { return entry.second.empty(); });
}

}  // namespace metl::quality

#include "source/contents.h"

#include <algorithm>

#include "base/text.h"

namespace metl::source {

std::string Contents::format() const {
  if (!text) return "Parquet";
  return text->kind == engine::TextFormat::Kind::kCsv ? "CSV" : "JSON";
}

std::vector<std::string> Contents::endings() const {
  if (!text) return {".parquet"};
  const bool is_csv = text->kind == engine::TextFormat::Kind::kCsv;
  std::vector<std::string> out;
  for (const std::string kind : {".csv", ".json", ".jsonl", ".ndjson"}) {
    if ((kind == ".csv") != is_csv) continue;
    for (const char* packed : {"", ".gz", ".zst"}) out.push_back(kind + packed);
  }
  return out;
}

bool Contents::has_ending_of(const std::string& name) const {
  const std::string lower = text::to_lower(name);
  const auto all = endings();
  return std::any_of(all.begin(), all.end(), [&](const std::string& ending) { return lower.ends_with(ending); });
}

}  // namespace metl::source

#include "pipeline/made_of.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "base/location.h"
#include "base/log.h"

namespace metl::pipeline {
namespace {

constexpr std::string_view kPrefix = "movies-etl/day/";
constexpr std::string_view kRaw = "raw", kPipeline = "pipeline", kInputs = "inputs", kRows = "rows",
                           kVersion = "version";

std::string mark_name(const std::string& day, std::string_view what) {
  return fmt::format("{}{}/{}", kPrefix, day, what);
}

}  // namespace

// FNV-1a, its bits mixed once more so that the one that is left out is no better than the others.
int64_t number_of(std::string_view text) {
  constexpr uint64_t kOffset = 14695981039346656037ULL, kPrime = 1099511628211ULL, kMix = 0xff51afd7ed558ccdULL;
  constexpr int kHalf = 33;
  uint64_t hash = kOffset;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  hash = (hash ^ (hash >> kHalf)) * kMix;
  return static_cast<int64_t>((hash ^ (hash >> kHalf)) >> 1);
}

int64_t number_of(const source::Landing& landing) {
  // Paths count from the folder that holds all of them: a lake that is moved is the same lake.
  const std::string first = landing.files.empty() ? "" : landing.files.front().path;
  size_t common = first.rfind('/') + 1;
  for (const auto& file : landing.files) {
    while (common > 0 && !file.path.starts_with(first.substr(0, common)))
      common = common < 2 ? 0 : first.rfind('/', common - 2) + 1;
  }
  std::string text;
  for (const auto& file : landing.files) {
    // A disk's own tag holds the inode too, which a copy of the lake would change.
    const std::string state = is_remote(file.path) ? file.version : fmt::format("{}", file.modified_millis);
    text += fmt::format("{}\n{}\n{}\n", file.path.substr(common), file.bytes, state);
  }
  return number_of(text);
}

int64_t number_of_files(const std::vector<std::string>& paths) {
  std::string text;
  for (const auto& path : paths) {
    std::string content;
    try {
      content = files::read(path).value_or("");
    } catch (const Error& e) {
      log::debug("{}", e.message());
    }
    text += fmt::format("{}\n{}", content.size(), content);
  }
  return number_of(text);
}

std::map<std::string, int64_t> marks_of(const Date& day, const MadeOf& made_of, int64_t rows) {
  const std::string iso = day.iso();
  return {{mark_name(iso, kRaw), made_of.raw},
          {mark_name(iso, kPipeline), made_of.pipeline},
          {mark_name(iso, kInputs), made_of.inputs},
          {mark_name(iso, kRows), rows}};
}

std::string version_mark_of(const Date& day) { return mark_name(day.iso(), kVersion); }

std::map<std::string, PublishedDay> published_days(const table::Table& table) {
  struct Found {
    std::map<std::string, int64_t> numbers = {};
    int64_t millis = -1;
  };
  std::map<std::string, Found> found;
  for (const auto& [name, mark] : table.marks(std::string(kPrefix))) {
    const std::string_view rest = std::string_view(name).substr(kPrefix.size());
    const size_t slash = rest.find('/');
    if (slash == std::string_view::npos) continue;
    Found& day = found[std::string(rest.substr(0, slash))];
    day.numbers.emplace(rest.substr(slash + 1), mark.value);
    day.millis = std::max(day.millis, mark.set_millis);
  }
  std::map<std::string, PublishedDay> out;
  for (const auto& [day, marks] : found) {
    const auto number = [&numbers = marks.numbers](std::string_view what) -> std::optional<int64_t> {
      const auto at = numbers.find(std::string(what));
      return at == numbers.end() ? std::nullopt : std::optional(at->second);
    };
    PublishedDay one{std::nullopt, number(kRows).value_or(-1), number(kVersion).value_or(-1), marks.millis};
    const auto raw = number(kRaw), pipeline = number(kPipeline), inputs = number(kInputs);
    if (raw && pipeline && inputs) one.made_of = MadeOf{*raw, *pipeline, *inputs};
    out.emplace(day, one);
  }
  return out;
}

}  // namespace metl::pipeline

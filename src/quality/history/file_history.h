// A history of measurements in one text of JSON lines, for any number of scans and processes.
//
//   {"key":{"dataset":"movies","metric":"row_count"},"time":"2021-01-01T00:00:00.000Z","value":45433}
//
// Writers replace the whole text (base/text_file.h), so a reader never sees half of it. Bounded: the newest kKeptOfKey
// records of a key, and kKept of all.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text_file.h"
#include "quality/model/history.h"

namespace metl::quality {

class FileHistory {
 public:
  static constexpr size_t kKeptOfKey = 1000;
  static constexpr size_t kKept = 100'000;

  // The file need not exist; nothing is read or written yet.
  explicit FileHistory(TextFile file) : file_(std::move(file)) {}

  // An `Earlier` function over the file as it was when first asked. Throws Error for a file that cannot be
  // read or holds something else. A last line without its end is ignored: a copy of the file was cut off there.
  std::vector<HistoryRecord> earlier(const std::string& key, DataTime before);

  // Adds records to what is in the file now, on disk when it returns. A record of a key and data time that are there
  // replaces the old one. Throws Error; the file is then as it was.
  void add(const std::vector<HistoryRecord>& records);

 private:
  using Series = std::map<DataTime, HistoryValue>;
  using Content = std::map<std::string, Series>;

  Content content_of(const std::optional<std::string>& text) const;
  static void drop_oldest(Content& content);

  TextFile file_;
  std::optional<Content> content_;
};

}  // namespace metl::quality

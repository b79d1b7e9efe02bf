// For tests of scans that compare with earlier ones.
#pragma once

#include "fixture.h"
#include "quality/history/file_history.h"
#include "quality/report/render.h"

namespace metl::quality::test {

inline const DataTime kDay0 = std::chrono::sys_days(std::chrono::year(2021) / 1 / 1);

class HistoryTest : public ScanTest {
 protected:
  HistoryTest() {
    std::filesystem::remove_all(folder_);
    history_.emplace(local_text_file(folder_ / "history.jsonl"));
    earlier_ = [this](const std::string& key, DataTime before) { return history_->earlier(key, before); };
  }
  ~HistoryTest() override { std::filesystem::remove_all(folder_); }

  // The table t(n) with `rows` rows, about the given day.
  ScanResult scan_day(int day, int rows, const std::string& checks, bool keep = true) {
    db_.query("create or replace table t as select range as n from range(" + std::to_string(rows) + ")");
    return scan_on(day, "checks for t:\n" + checks, keep);
  }
  ScanResult scan_on(int day, const std::string& text, bool keep = true) {
    data_time_ = kDay0 + std::chrono::days(day);
    variables_["run_date"] = "2021-01-" + std::string(day < 9 ? "0" : "") + std::to_string(day + 1);
    ScanResult result = scan_text(text);
    if (keep) history_->add(result.records);
    return result;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("metl-scan-history-" + std::to_string(::getpid()));
  std::optional<FileHistory> history_;
};

// "pass 3, warming up": outcome and value of a scan's checks.
inline std::string outcome_line(const ScanResult& result) {
  std::string out;
  for (const auto& check : result.checks)
    out += (out.empty() ? "" : ", ") + (check.warming_up ? "warming up" : outcome_of(check));
  return out;
}
inline std::string notices(const ScanResult& result) {
  std::string out;
  for (const auto& notice : result.notices) out += to_text(notice.location) + ": " + notice.message + "\n";
  return out;
}
inline std::string diagnostics(const CheckResult& check) {
  std::string out;
  for (const auto& [key, text] : check.diagnostics) out += (out.empty() ? "" : "; ") + key + " " + text;
  return out;
}

}  // namespace metl::quality::test

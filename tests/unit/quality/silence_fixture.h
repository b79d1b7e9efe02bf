// For tests of what a checks file means in strict and in compat mode.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "fixture.h"

namespace metl::quality::test {

using Files = std::vector<std::pair<std::string, std::string>>;  // name, text

class Silence : public ScanTest {
 protected:
  Silence() {
    db_.query(
        "create table t as select * from (values (1, '1,5', 'a', '10 %', true), (2, '2.5', null, '25%', false), "
        "(3, '4', '', '150%', null), (3, 'n/a', 'b', null, true)) t(id, txt, s, pct, b)");
    db_.query("create table t_b as select * from t");
    db_.query("create table dim_x as select * from t");
    db_.query("create table big as select unnest([9007199254740993, 1, 2]::bigint[]) as n");
  }

  // "fail 3, pass 1: 2", outcomes and exit code.
  std::string scanned(const Files& files, bool compat) {
    compat_ = compat;
    ScanRequest request{{}, variables_, now_, compat};
    std::vector<std::unique_ptr<ChecksFile>> written;
    for (const auto& [name, text] : files) {
      written.push_back(std::make_unique<ChecksFile>(text, name));
      request.files.push_back(written.back()->path());
    }
    last_ = scan(request, data_);
    return fmt::format("{}: {}", fmt::join(outcomes(last_), ", "), last_.soda_exit_code());
  }
  std::string strict(const Files& files) { return scanned(files, false); }
  std::string compat(const Files& files) { return scanned(files, true); }
  static Files file(const std::string& text) { return {{"checks.yml", text}}; }
  static Files about_t(const std::string& lines) { return file("checks for t:\n" + lines + "\n"); }

  void expect(const Files& files, const std::string& in_strict, const std::string& in_compat) {
    EXPECT_EQ(strict(files), in_strict) << files.front().second << errors_of(last_);
    EXPECT_EQ(compat(files), in_compat) << files.front().second << errors_of(last_);
  }
  void expect(const Files& files, const std::string& in_both) { expect(files, in_both, in_both); }

  ScanResult last_;
};

}  // namespace metl::quality::test

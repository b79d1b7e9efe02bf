// A table of one long column by day in a fresh folder. Data files are never read here, so they need not exist.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "../scratch.h"
#include "base/error.h"
#include "table/table.h"

namespace metl::table {

class LakeTest : public ScratchTest {
 protected:
  void SetUp() override {
    ScratchTest::SetUp();
    root_ = folder_ + "/table";
  }

  static TableSpec spec() {
    return {{{"id", *parse_type("bigint"), true, ""}, {"run_date", *parse_type("string"), true, ""}}, {"run_date"}, {}};
  }
  Table create() const { return Table::create(root_, spec()); }
  Table reopen() const { return std::move(*Table::open(root_)); }

  // Replaces a day by one file of that name, or by none.
  static Change day(const std::string& date, const std::string& file, const std::string& run_id = "run") {
    Change change;
    change.partitions = {{{{"run_date", date}}, {}}};
    if (!file.empty())
      change.partitions[0].add = {{"run_date=" + date + "/" + file, 10, 3, 5, R"({"numRecords":3})", false}};
    change.run_id = run_id;
    change.app_id = "movies-etl:" + date;
    change.operation = "WRITE";
    return change;
  }

  std::string entry_path(uint64_t version) const { return fmt::format("{}/_delta_log/{:020}.json", root_, version); }

  std::string entry_text(uint64_t version) const {
    std::ostringstream text;
    text << std::ifstream(entry_path(version)).rdbuf();
    return text.str();
  }

  void write_entry(uint64_t version, const std::string& text) const { std::ofstream(entry_path(version)) << text; }

  // The actions of that kind in one log entry.
  std::vector<nlohmann::json> actions(uint64_t version, const std::string& kind) const {
    std::istringstream lines(entry_text(version));
    std::vector<nlohmann::json> found;
    for (std::string line; std::getline(lines, line);) {
      const nlohmann::json action = nlohmann::json::parse(line);
      if (action.contains(kind)) found.push_back(action[kind]);
    }
    return found;
  }

  // What opening the table says is wrong with it.
  Error open_error() const {
    try {
      Table::open(root_);
    } catch (const Error& error) {
      return error;
    }
    return {Cause::kFailed, "no error"};
  }

  std::string root_;
};

inline std::vector<std::string> paths(const std::vector<File>& files) {
  std::vector<std::string> result;
  for (const File& file : files) result.push_back(file.path);
  return result;
}

}  // namespace metl::table

#include "pipeline/tests/suite.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "base/stop.h"
#include "base/text.h"

namespace metl::pipeline::tests {
namespace {

namespace fs = std::filesystem;

// Removed whatever becomes of the test.
class TestFolder {
 public:
  explicit TestFolder(std::string path) : path_(std::move(path)) { files::create_folders(path_); }
  ~TestFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Runs `read` and keeps what is wrong with a file instead of throwing it.
template <typename Read>
void noting(std::vector<Error>& faults, const Read& read) {
  try {
    read();
  } catch (const Error& e) {
    if (e.cause() != Cause::kConfiguration) throw;
    faults.push_back(e);
  }
}

LoadedTest load(engine::DuckdbEngine& engine, const Test& test, bool update) {
  LoadedTest out{test, {}, std::nullopt};
  for (const auto& [input, rows] : test.given) out.given.emplace(input, load_rows(engine, test.file, rows));
  const auto& rows = test.expect.rows;
  const bool to_be_written = update && rows && format_of(rows->path) == "ndjson" && !fs::exists(rows->path);
  if (to_be_written) {
    out.rows = RowSet{rows->columns, {}, ""};
  } else if (rows) {
    out.rows = load_rows(engine, test.file, *rows);
  }
  return out;
}

void load_file(engine::DuckdbEngine& engine, const Definition& pipeline, const std::string& file, bool update,
               std::vector<LoadedTest>& out, std::vector<Error>& faults) {
  stop::check();
  noting(faults, [&] {
    for (const auto& test : read_tests(file, inputs_of(pipeline), pipeline.target_columns))
      noting(faults, [&] { out.push_back(load(engine, test, update)); });
  });
}

void require_none(const std::vector<Error>& faults) {
  if (faults.empty()) return;
  if (faults.size() == 1) throw Error(faults[0]);
  std::vector<std::string> lines;
  for (const auto& fault : faults) lines.push_back(fault.in_full());
  throw Error(Cause::kConfiguration, fmt::format("{}", fmt::join(lines, "\n")), "Correct the test files. No test ran.");
}

ExpectedRows expected_rows(const Bench& bench, const LoadedTest& loaded) {
  const Schema& columns = bench.pipeline.target_columns;
  ExpectedRows out;
  out.ordered = loaded.test.expect.ordered;
  out.rows = cells_of(bench.local, select_of(*loaded.rows, bench.folder), columns);
  const bool in_file = !loaded.test.expect.rows->path.empty();
  for (size_t row = 0; row < out.rows.size(); ++row) {
    out.named.emplace_back();
    for (size_t i = 0; i < columns.size(); ++i) {
      if (in_file) {
        out.named.back().push_back(i);
        continue;
      }
      const auto& names = loaded.rows->typed.named[row];
      if (std::find(names.begin(), names.end(), columns[i].name) != names.end()) out.named.back().push_back(i);
    }
  }
  return out;
}

// What the checks gave against what was expected of them.
void judge_checks(const Test& test, const Seen& seen, std::vector<std::string>& reasons) {
  if (test.expect.checks.empty()) return;
  if (!seen.checks) {
    reasons.push_back("no check ran: with on_empty_input: keep a day without rows leaves the partition as it is");
    return;
  }
  for (const auto& error : seen.checks->errors) {
    const std::string place = quality::to_text(error.location);
    reasons.push_back(
        fmt::format("a check cannot be evaluated: {}{}{}", place, place.empty() ? "" : ": ", error.message));
  }
  std::vector<std::string> names;
  for (const auto& check : seen.checks->checks) names.push_back(check.name);
  for (const auto& expected : test.expect.checks) {
    if (std::find(names.begin(), names.end(), expected.name) == names.end()) {
      throw Error(Cause::kConfiguration, expected.place,
                  fmt::format("there is no check '{}'.{}", expected.name, text::did_you_mean(expected.name, names)),
                  fmt::format("There are: {}.", fmt::join(names, "; ")));
    }
    for (const auto& check : seen.checks->checks) {
      const std::string_view outcome = quality::to_text(check.outcome);
      if (check.name != expected.name || outcome == expected.outcome) continue;
      const std::string measured =
          is_null(check.value) ? "" : fmt::format(" ({} is {})", check.measured, to_text(check.value));
      reasons.push_back(
          fmt::format("check '{}': expected {}, but it is {}{}", check.name, expected.outcome, outcome, measured));
    }
  }
}

void judge_error(const Test& test, const Seen& seen, std::vector<std::string>& reasons) {
  const auto& wanted = test.expect.error;
  const std::string told = seen.error ? seen.error->message() : "";
  if (!wanted) {
    if (seen.error) reasons.push_back("ended with an error: " + seen.error->in_full());
  } else if (!seen.error) {
    reasons.push_back(fmt::format("expected an error with '{}', but there was none and {} rows came out", *wanted,
                                  text::human_count(static_cast<int64_t>(seen.rows.size()))));
  } else if (told.find(*wanted) == std::string::npos) {
    reasons.push_back(fmt::format("expected an error with '{}', but it is: {}", *wanted, told));
  }
}

void judge_number(const char* what, const std::optional<int64_t>& expected, int64_t found,
                  std::vector<std::string>& reasons) {
  if (!expected || *expected == found) return;
  reasons.push_back(
      fmt::format("{}: expected {}, found {}", what, text::human_count(*expected), text::human_count(found)));
}

// The rows that came out, with the columns that the test speaks of, or all of them.
std::vector<ShownRow> rows_to_paste(const ExpectedRows& expected, const std::vector<Cells>& found,
                                    const Schema& columns) {
  std::vector<bool> named(columns.size(), expected.rows.empty());
  for (const auto& row : expected.named) {
    for (const size_t i : row) named[i] = true;
  }
  std::vector<ShownRow> out;
  for (const auto& row : found) {
    out.emplace_back();
    for (size_t i = 0; i < columns.size(); ++i) {
      if (named[i]) out.back().emplace_back(columns[i].name, row[i]);
    }
  }
  return out;
}

void update_rows(const WrittenRows& rows, const ExpectedRows& expected, const Seen& seen, const Schema& columns,
                 Result& result) {
  if (format_of(rows.path) != "ndjson") {
    result.to_paste = rows_to_paste(expected, seen.rows, columns);
    return;
  }
  files::write(fs::absolute(rows.path), lines_of(seen.rows, columns));
  result.written = rows.path;
  result.verdict = result.reasons.empty() ? Verdict::kUpdated : Verdict::kFailed;
}

}  // namespace

std::vector<std::string> test_files(const Definition& pipeline) {
  const fs::path folder = fs::path(pipeline.file).parent_path() / "tests";
  std::vector<std::string> out;
  if (!fs::is_directory(folder)) return out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path end = entry.path().extension();
    if (end == ".yaml" || end == ".yml") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::vector<LoadedTest>> load_tests(engine::DuckdbEngine& engine, const std::vector<Definition>& pipelines,
                                                bool update) {
  std::vector<std::vector<LoadedTest>> out;
  std::vector<Error> faults;
  for (const auto& pipeline : pipelines) {
    out.emplace_back();
    for (const auto& file : test_files(pipeline)) load_file(engine, pipeline, file, update, out.back(), faults);
  }
  require_none(faults);
  return out;
}

std::vector<LoadedTest> load_test_file(engine::DuckdbEngine& engine, const Definition& pipeline,
                                       const std::string& file, bool update) {
  std::vector<LoadedTest> out;
  std::vector<Error> faults;
  load_file(engine, pipeline, file, update, out, faults);
  require_none(faults);
  return out;
}

Result run_test(const Bench& bench, const LoadedTest& loaded, bool update) {
  const TestFolder folder(bench.folder + "/test");
  Bench own = bench;
  own.folder = folder.path();
  const Test& test = loaded.test;
  const Schema& columns = bench.pipeline.target_columns;
  Result out{bench.pipeline.name, test.name, test.place, Verdict::kPassed, {}, {}, "", {}};
  const Seen seen = try_day(own, test.day, loaded.given, !test.expect.checks.empty());
  judge_error(test, seen, out.reasons);
  std::optional<ExpectedRows> expected;
  if (!seen.error) {
    judge_number("count of rows", test.expect.count, static_cast<int64_t>(seen.rows.size()), out.reasons);
    judge_number("duplicates that were dropped", test.expect.duplicates, seen.duplicates, out.reasons);
    judge_checks(test, seen, out.reasons);
    if (loaded.rows) {
      expected = expected_rows(own, loaded);
      const auto key = bench.pipeline.dedupe ? bench.pipeline.dedupe->key : std::vector<std::string>{};
      out.difference = difference(*expected, seen.rows, columns, key);
    }
  }
  if (!out.reasons.empty() || !out.difference.empty()) out.verdict = Verdict::kFailed;
  if (update && !out.difference.empty()) update_rows(*test.expect.rows, *expected, seen, columns, out);
  return out;
}

}  // namespace metl::pipeline::tests

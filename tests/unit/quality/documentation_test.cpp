// docs/checks.md is what the program does: every example in it that is followed by an output runs here, over the tables
// that the page describes, and prints just that.
//
// A block ```yaml is a checks file, or the checks of `ratings` where it has no section of its own; the block behind
// "gives" is its output. ```yaml NAME and ```sql NAME are files that the examples name. METL_WRITE_DOCS=1 writes the
// outputs into the page instead of comparing them.
#include <cstdlib>

#include "fixture.h"
#include "quality/report/render.h"

namespace metl::quality::test {
namespace {

namespace fs = std::filesystem;

const fs::path kPage = fs::path(METL_SOURCE_DIR) / "docs/checks.md";

struct Block {
  std::string info;  // "yaml", "sql stars.sql", "" for an output
  std::string text;
  size_t begin = 0;   // of the text, in the page
  size_t before = 0;  // the end of what stands before the block
};

std::vector<Block> blocks_of(const std::string& page) {
  std::vector<Block> out;
  size_t at = 0;
  while ((at = page.find("```", at)) != std::string::npos) {
    const size_t line_end = page.find('\n', at);
    const size_t close = page.find("\n```", line_end - 1);
    if (close == std::string::npos) break;
    out.push_back({page.substr(at + 3, line_end - at - 3),
                   close < line_end ? "" : page.substr(line_end + 1, close - line_end), line_end + 1, at});
    at = close + 4;
  }
  return out;
}

std::string page_text() {
  std::ifstream file(kPage, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The days that the page's history tells of: 9 quiet ones, then twice the rows, a lost column and a new country.
class Documentation : public ScanTest {
 protected:
  Documentation() {
    now_ = std::chrono::sys_days(std::chrono::year(2021) / 1 / 2) + std::chrono::hours(12);
    db_.query("DROP TABLE movie_ratings_curated; DROP TABLE empty_t; DROP TABLE dim_movie; DROP TABLE ev");
    db_.query(R"(CREATE TABLE ratings AS SELECT * FROM (VALUES
      (1::BIGINT, 10::BIGINT, 4.5::FLOAT, 'Heat', 'ann@a.nl', '4,5', 'NL', TIMESTAMP '2021-01-01 10:00:00', '2021-01-01',
       [{'id': 1::BIGINT, 'name': 'Crime'}]),
      (2, 11, 5.5, 'Alien', 'bob', '5.5', 'NL', TIMESTAMP '2021-01-01 11:00:00', '2021-01-01',
       [{'id': 2, 'name': 'Horror'}, {'id': 3, 'name': 'Drama'}]),
      (2, 11, 3.0, 'Alien', '', 'three', 'BE', TIMESTAMP '2021-01-01 12:00:00', '2021-01-01', []),
      (3, NULL, 2.0, NULL, 'N/A', '2', 'DE', TIMESTAMP '2021-01-02 09:00:00', '2021-01-02', NULL))
      t(movie_id, user_id, stars, title, email, typed, country, rated_at, run_date, genres))");
    db_.query("CREATE TABLE movies AS SELECT * FROM (VALUES (1::BIGINT), (2)) t(id)");
    data_.view_of = [known = data_.view_of](const std::string& name) {
      return known(name == "archive.movies" ? "movies" : name);
    };
    fs::create_directories(folder_);
  }
  ~Documentation() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  std::string run(const std::string& text) {
    const bool sections = text.find("\nchecks") != text.npos || text.starts_with("checks") || !text.starts_with("  - ");
    write("checks.yaml", sections ? text : "checks for ratings:\n" + text);
    ScanRequest request{{(folder_ / "checks.yaml").string()}, {{"run_date", "2021-01-01"}}, now_, false};
    request.earlier = [this](const std::string& key, DataTime before) {
      std::vector<HistoryRecord> out;
      for (const auto& record : records_) {
        if (record.key == key && record.data_time < before) out.push_back(record);
      }
      return out;
    };
    const ScanResult result = scan(request, data_);
    records_.insert(records_.end(), result.records.begin(), result.records.end());
    return text::replace_all(render_text(result, false), folder_.string() + "/", "");
  }

  // The history of the page's first example of it, and the data of the tenth day.
  std::string run_on_tenth_day(const std::string& text) {
    records_.clear();
    const auto last = now_;
    db_.query("CREATE TABLE kept AS SELECT * FROM ratings");
    for (int day = 9; day > 0; --day) {
      now_ = last - std::chrono::days(day);
      db_.query("CREATE OR REPLACE TABLE ratings AS SELECT k.* FROM kept k, range(" + std::to_string(250 + day % 3) +
                ")");
      run(text);
    }
    now_ = last;
    db_.query("CREATE OR REPLACE TABLE ratings AS SELECT k.* EXCLUDE (typed) FROM kept k, range(500)");
    db_.query("UPDATE ratings SET country = 'FR' WHERE country = 'DE'");
    const std::string out = run(text);
    db_.query("CREATE OR REPLACE TABLE ratings AS SELECT * FROM kept; DROP TABLE kept");
    records_.clear();
    return out;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("metl-docs-" + std::to_string(::getpid()));
  std::vector<HistoryRecord> records_;
};

TEST_F(Documentation, ExamplesPrintWhatThePageSays) {
  std::string page = page_text();
  const auto blocks = blocks_of(page);
  ASSERT_FALSE(blocks.empty());
  const bool rewrite = std::getenv("METL_WRITE_DOCS") != nullptr;  // NOLINT(concurrency-mt-unsafe): one thread
  std::string checks;
  int tested = 0;
  std::vector<std::pair<Block, std::string>> outputs;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Block& block = blocks[i];
    const size_t space = block.info.find(' ');
    if (space != std::string::npos) write(block.info.substr(space + 1), block.text);
    if (block.info == "yaml") checks = block.text;
    if (!block.info.empty() || checks.empty()) continue;
    const size_t from = blocks[i - 1].begin + blocks[i - 1].text.size();
    const std::string words = page.substr(from, block.before - from);
    if (words.find("gives") == std::string::npos) continue;
    const bool tenth = words.find("tenth day") != std::string::npos;
    outputs.emplace_back(block, tenth ? run_on_tenth_day(checks) : run(checks));
    ++tested;
  }
  EXPECT_GE(tested, 15) << "examples are no longer recognised";
  for (auto output = outputs.rbegin(); output != outputs.rend(); ++output) {
    const auto& [block, printed] = *output;
    if (rewrite)
      page.replace(block.begin, block.text.size(), printed);
    else
      EXPECT_EQ(printed, block.text);
  }
  if (rewrite) std::ofstream(kPage, std::ios::binary) << page;
}

}  // namespace
}  // namespace metl::quality::test

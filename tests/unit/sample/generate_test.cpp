#include "sample/generate.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "engine/duckdb/duckdb_engine.h"

namespace metl::sample {
namespace {

namespace fs = std::filesystem;

class Generate : public testing::Test {
 protected:
  Generate()
      : root_(fs::temp_directory_path() / fmt::format("metl-generate-{}-{}", getpid(),
                                                      testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~Generate() override { fs::remove_all(root_); }

  GenerateRequest request(int64_t rows, const std::string& output = "raw") const {
    GenerateRequest request;
    request.rows = rows;
    request.days = {Date::parse("2021-01-01")};
    request.seed = 7;
    request.output = (root_ / output).string();
    return request;
  }

  std::string files(const std::string& output = "raw") const { return (root_ / output / "*/*/*/*.parquet").string(); }

  // The one value of "SELECT <what> FROM <the generated files><rest>".
  Value ask(const std::string& what, const std::string& rest = "", const std::string& output = "raw") {
    return engine_.query(fmt::format("SELECT {} FROM '{}' {}", what, files(output), rest)).rows.at(0).at(0);
  }
  int64_t count(const std::string& what, const std::string& rest = "") { return std::get<int64_t>(ask(what, rest)); }

  // Equal for equal rows, whatever their order.
  Value content(const std::string& output) { return ask("sum(hash(t))::VARCHAR", "t", output); }

  fs::path root_;
  engine::DuckdbEngine engine_{engine::ClientOptions{}};
};

ExitCode code_of(const GenerateRequest& request, engine::Engine& engine) {
  try {
    generate(request, engine, {});
  } catch (const Error& error) {
    return error.code();
  }
  return ExitCode::kDone;
}

TEST_F(Generate, WritesNamedPartsThatSumUp) {
  GenerateRequest wanted = request(3001);
  wanted.files = 3;
  wanted.days = parse_days("2021-12-31..2022-01-01");
  double last = 0;
  const auto days = generate(wanted, engine_, [&](const engine::Advance& now) {
    EXPECT_GE(now.percent, last);
    last = now.percent;
  });
  ASSERT_EQ(days.size(), 2u);
  EXPECT_LE(last, 100);
  EXPECT_EQ(days[1].rows, 3001);
  EXPECT_EQ(days[1].files, 3);
  EXPECT_EQ(days[1].folder, (root_ / "raw/2022/01/01").string());
  std::set<std::string> names;
  uint64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(days[1].folder)) {
    names.insert(entry.path().filename().string());
    bytes += entry.file_size();
  }
  EXPECT_EQ(names, (std::set<std::string>{"part-00000.snappy.parquet", "part-00001.snappy.parquet",
                                          "part-00002.snappy.parquet"}));
  EXPECT_EQ(bytes, days[1].bytes);
  EXPECT_EQ(count("count(*)"), 6002);
}

TEST_F(Generate, HasTheColumnsOfTheRealInput) {
  generate(request(100), engine_, {});
  std::string columns;
  const auto sources = engine_.inspect({(root_ / "raw/2021/01/01/part-00000.snappy.parquet").string()});
  for (const Field& field : sources.at(0).schema) {
    columns += fmt::format("{} {}\n", field.name, type_name(field.type));
  }
  EXPECT_EQ(columns,
            "movie_id bigint\nuser_id bigint\nrating float\ntimestamp bigint\noriginal_title string\noriginal_language "
            "string\n"
            "budget bigint\nadult boolean\ngenres array<struct<id:bigint,name:string>>\n");
}

TEST_F(Generate, SameContentForAnyThreadCountAndFileCount) {
  generate(request(20000, "all"), engine_, {});
  engine::DuckdbEngine single({.memory_limit = 0, .threads = 1, .temp_directory = ""});
  GenerateRequest one_file = request(20000, "single");
  one_file.files = 1;
  generate(one_file, single, {});
  EXPECT_EQ(content("all"), content("single"));

  GenerateRequest other_seed = request(20000, "seed");
  other_seed.seed = 8;
  generate(other_seed, engine_, {});
  EXPECT_NE(content("all"), content("seed"));
}

// A change of these numbers changes what a seed means for everyone: the shipped days and recorded benchmarks.
TEST_F(Generate, ContentOfASeedIsFixed) {
  GenerateRequest shipped = request(5000);
  shipped.seed = 1;
  generate(shipped, engine_, {});
  const std::string folder = METL_SOURCE_DIR "/data-lake-raw-dev/movie_ratings/2021/01/01/*.parquet";
  const std::string sums =
      "SELECT count(*), sum(movie_id)::BIGINT, sum(user_id)::BIGINT, sum(rating), sum(timestamp)::BIGINT, "
      "sum(budget)::BIGINT, sum(length(original_title))::BIGINT, sum(len(genres))::BIGINT, "
      "sum(movie_id * user_id % 1009)::BIGINT FROM ";
  EXPECT_EQ(engine_.query(sums + "'" + folder + "'").rows, engine_.query(sums + "'" + files() + "'").rows);
}

TEST_F(Generate, DuplicatesAreExactlyTheShareAskedFor) {
  for (const double percent : {0.0, 5.0, 33.3, 90.0}) {
    GenerateRequest wanted = request(10000);
    wanted.duplicate_percent = percent;
    const auto days = generate(wanted, engine_, {});
    EXPECT_EQ(days[0].duplicates, std::llround(percent * 100));
    EXPECT_EQ(count("count(DISTINCT (movie_id, user_id))"), 10000 - days[0].duplicates) << percent;
    fs::remove_all(root_ / "raw");
  }
}

TEST_F(Generate, DuplicatesTieOnTheTimestampWithOtherContent) {
  generate(request(50000), engine_, {});
  const std::string keys = fmt::format(
      "(SELECT count(*) n, count(DISTINCT timestamp) times, count(DISTINCT rating) ratings "
      "FROM '{}' GROUP BY movie_id, user_id)",
      files());
  const auto where = [&](const std::string& condition) {
    return std::get<int64_t>(
        engine_.query(fmt::format("SELECT count(*) FROM {} WHERE {}", keys, condition)).rows[0][0]);
  };
  EXPECT_GT(where("n = 2 AND times = 1 AND ratings = 2"), 100);  // a tie
  EXPECT_GT(where("n = 2 AND times = 1 AND ratings = 1"), 100);  // the same row twice
  EXPECT_GT(where("n = 2 AND times = 2"), 1000);
  EXPECT_GT(where("n = 3 AND times = 1 AND ratings = 3"), 100);
}

TEST_F(Generate, SoundRowsAreInRangeAndMoviesAreConsistent) {
  generate(request(50000), engine_, {});
  EXPECT_EQ(
      count("count(*)", "WHERE rating NOT BETWEEN 0.5 AND 5 OR rating * 2 <> floor(rating * 2) OR rating IS NULL"), 0);
  EXPECT_EQ(count("count(DISTINCT rating)"), 10);
  EXPECT_EQ(count("count(*)", "WHERE timestamp IS NULL OR timestamp NOT BETWEEN 1609459200 AND 1609545599"), 0);
  EXPECT_EQ(
      count("count(*)", "WHERE original_language IS NULL OR NOT regexp_full_match(original_language, '[a-z]{2}')"), 0);
  EXPECT_EQ(count("count(*)", "WHERE budget IS NULL OR budget < 0 OR original_title IS NULL OR adult IS NULL"), 0);
  EXPECT_EQ(count("count(DISTINCT (movie_id, original_title, original_language, budget, adult, genres))"),
            count("count(DISTINCT movie_id)"));
  EXPECT_GT(count("count(*)", "WHERE genres IS NULL"), 0);
  EXPECT_GT(count("count(*)", "WHERE len(genres) = 0"), 0);
  EXPECT_GT(count("count(*)", "WHERE len(genres) > 1"), 0);
  EXPECT_EQ(count("count(*)", "WHERE len(genres) <> len(list_distinct(genres))"), 0);
  EXPECT_GT(count("count(*)", "WHERE strlen(original_title) > length(original_title)"), 0);  // beyond ASCII
}

TEST_F(Generate, FaultsAreCountedExactlyBeforeAndAfterDedupe) {
  GenerateRequest wanted = request(2000);
  wanted.duplicate_percent = 40;
  wanted.bad_ratings = 3;
  wanted.bad_languages = 5;
  wanted.null_timestamps = 7;
  wanted.negative_budgets = 11;
  generate(wanted, engine_, {});
  EXPECT_EQ(count("count(*)", "WHERE rating NOT BETWEEN 0 AND 5"), 3);
  EXPECT_EQ(count("count(*)", "WHERE length(original_language) <> 2"), 5);
  EXPECT_EQ(count("count(*)", "WHERE timestamp IS NULL"), 7);
  EXPECT_EQ(count("count(*)", "WHERE budget < 0"), 11);
  const std::string faulty =
      "(timestamp IS NULL OR budget < 0 OR length(original_language) <> 2 OR rating NOT BETWEEN 0 AND 5)";
  EXPECT_EQ(count("count(*)", "WHERE (movie_id, user_id) IN (SELECT (movie_id, user_id) FROM '" + files() + "' WHERE " +
                                  faulty + ")"),
            26);
}

TEST_F(Generate, RefusesADayThatHoldsSomething) {
  generate(request(10), engine_, {});
  const Value before = content("raw");
  GenerateRequest again = request(20);
  again.days = parse_days("2020-12-31..2021-01-01");
  EXPECT_EQ(code_of(again, engine_), ExitCode::kUsage);
  EXPECT_EQ(content("raw"), before);
  EXPECT_FALSE(fs::exists(root_ / "raw/2020"));

  fs::create_directories(root_ / "empty/2021/01/01");
  EXPECT_EQ(code_of(request(10, "empty"), engine_), ExitCode::kDone);
}

TEST_F(Generate, RefusesNumbersThatDoNotFit) {
  for (const int64_t rows : {int64_t{0}, int64_t{-1}, int64_t{1'000'000'001}}) {
    EXPECT_EQ(code_of(request(rows), engine_), ExitCode::kUsage) << rows;
  }
  GenerateRequest too_faulty = request(100);
  too_faulty.bad_ratings = 95;  // with 5 duplicates nothing sound is left to copy
  EXPECT_EQ(code_of(too_faulty, engine_), ExitCode::kUsage);
  GenerateRequest all_duplicates = request(100);
  all_duplicates.duplicate_percent = 100;
  EXPECT_EQ(code_of(all_duplicates, engine_), ExitCode::kUsage);
  GenerateRequest remote = request(100);
  remote.output = "s3://bucket/raw";
  EXPECT_EQ(code_of(remote, engine_), ExitCode::kUsage);
  EXPECT_FALSE(fs::exists(root_ / "raw"));
}

TEST_F(Generate, AFailedDayLeavesNothing) {
  engine_.interrupt();
  EXPECT_EQ(code_of(request(1000), engine_), ExitCode::kInterrupted);
  EXPECT_TRUE(fs::is_empty(root_ / "raw/2021/01"));
}

TEST_F(Generate, TheSmallestDays) {
  for (const int64_t rows : {1, 2, 3, 19, 20}) {
    const auto days = generate(request(rows, fmt::format("raw{}", rows)), engine_, {});
    EXPECT_EQ(days[0].rows, rows);
    EXPECT_EQ(days[0].files, std::min<int64_t>(rows, 5));
  }
}

}  // namespace
}  // namespace metl::sample

// `discover datasets`, `profile columns`, `sample datasets`: what is found out, shown and kept back.
#include "quality/survey/survey.h"

#include "fixture.h"
#include "quality/report/render.h"
#include "quality/report/soda.h"

namespace metl::quality::test {
namespace {

std::string figure(const ColumnProfile& column, const std::string& name) {
  for (const auto& [known, value] : column.figures) {
    if (known == name) return to_text(value);
  }
  return "none";
}

std::vector<std::string> texts(const std::vector<Value>& values) {
  std::vector<std::string> out;
  for (const auto& value : values) out.push_back(to_text(value));
  return out;
}

using Texts = std::vector<std::string>;

TEST_F(ScanTest, ProfilesNumbersOfEveryTypeAndTexts) {
  const ScanResult result = scan_text(
      "profile columns:\n  columns: [movie_ratings_curated.%, exclude movie_ratings_curated.user_id, exclude %.ts]\n");
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(result.soda_exit_code(), 0) << "a survey is something to do: not 'no check at all'";
  ASSERT_EQ(result.survey.profiles.size(), 1U);
  const DatasetProfile& profile = result.survey.profiles[0];
  EXPECT_EQ(profile.rows, 4);
  Texts names;
  for (const auto& column : profile.columns) names.push_back(column.column.name);
  EXPECT_EQ(names, (Texts{"movie_id", "rating", "original_title", "original_language", "txt", "budget", "run_date"}));
  ASSERT_EQ(result.notices.size(), 1U) << "a boolean is not profiled, and that is said";
  EXPECT_EQ(result.notices[0].message,
            "column 'movie_ratings_curated.is_adult' is boolean; profiled are numbers and texts");

  const ColumnProfile& rating = profile.columns[1];  // FLOAT, which Soda Core leaves out
  EXPECT_EQ(figure(rating, "avg"), "3.75");
  EXPECT_EQ(figure(rating, "sum"), "15");
  EXPECT_EQ(figure(rating, "distinct"), "4");
  EXPECT_EQ(figure(rating, "missing_count"), "0");
  EXPECT_EQ(texts(rating.mins), (Texts{"2", "3", "4.5", "5.5"}));
  EXPECT_EQ(texts(rating.maxs), (Texts{"5.5", "4.5", "3", "2"}));
  EXPECT_EQ(rating.boundaries, (std::vector<double>{2, 3.17, 4.33, 5.5}));
  EXPECT_EQ(rating.frequencies, (std::vector<int64_t>{2, 0, 1, 1}));

  const ColumnProfile& title = profile.columns[2];
  EXPECT_EQ(figure(title, "distinct"), "2");
  EXPECT_EQ(figure(title, "missing_count"), "1");
  EXPECT_EQ(figure(title, "avg_length"), "1");
  ASSERT_EQ(title.frequent.size(), 2U);
  EXPECT_EQ(to_text(title.frequent[0].first), "B");
  EXPECT_EQ(title.frequent[0].second, 2);
  EXPECT_TRUE(title.mins.empty());
}

TEST_F(ScanTest, AProfileOfSensitiveColumnsShowsNoValues) {
  const ChecksFile file(
      "profile columns:\n  columns: [movie_ratings_curated.original_title, movie_ratings_curated.rating]\n");
  ScanRequest request{{file.path()}, {}, now_, false};
  request.sensitive_columns = {"ORIGINAL_TITLE"};
  const ScanResult result = scan(request, data_);
  ASSERT_EQ(result.survey.profiles.at(0).columns.size(), 2U);
  EXPECT_TRUE(result.survey.profiles[0].columns[1].frequent.empty());
  EXPECT_EQ(figure(result.survey.profiles[0].columns[1], "distinct"), "2");
  EXPECT_FALSE(result.survey.profiles[0].columns[0].frequent.empty());
}

TEST_F(ScanTest, EmptyAndConstantColumnsHaveNoHistogram) {
  db_.query(
      "CREATE TABLE odd AS SELECT 7 AS same, CAST(NULL AS DOUBLE) AS none, 'infinity'::FLOAT AS high FROM range(1)");
  const ScanResult result = scan_text("profile columns:\n  columns: [odd.%]\n");
  EXPECT_EQ(errors_of(result), "");
  const auto& columns = result.survey.profiles.at(0).columns;
  ASSERT_EQ(columns.size(), 3U);
  for (const auto& column : columns) EXPECT_TRUE(column.boundaries.empty()) << column.column.name;
  EXPECT_EQ(texts(columns[0].mins), (Texts{"7"}));
  EXPECT_EQ(figure(columns[1], "missing_count"), "1");
  EXPECT_EQ(figure(columns[1], "avg"), "NULL");
}

TEST_F(ScanTest, DiscoversAndSamplesWhatPatternsMean) {
  const ScanResult result =
      scan_text("discover datasets:\n  datasets: [include %m%, exclude d_m%]\nsample datasets:\n  datasets: [Dim%]\n");
  ASSERT_EQ(result.survey.discovered.size(), 2U);
  EXPECT_EQ(result.survey.discovered[0].dataset, "empty_t");
  EXPECT_EQ(result.survey.discovered[1].dataset, "movie_ratings_curated");
  EXPECT_EQ(result.survey.discovered[0].columns.size(), 2U);
  ASSERT_EQ(result.survey.samples.size(), 1U);
  EXPECT_EQ(result.survey.samples[0].rows, "SELECT * FROM \"dim_movie\"");
}

TEST_F(ScanTest, SurveysThatCannotBeReadOrMatchNothingSaySo) {
  EXPECT_EQ(errors_of(scan_text("profile columns:\n  columns: [rating]\n")),
            "checks.yaml:1:1: 'rating' is not a column of a dataset, as 'ratings.stars' or 'ratings.%' are\n");
  EXPECT_EQ(errors_of(scan_text("discover datasets:\n  dataset: [a]\n")),
            "checks.yaml:2:3: 'dataset' is not a setting of 'discover datasets'. Did you mean 'datasets'?\n");
  const ScanResult nothing =
      scan_text("sample datasets:\n  datasets: [x%]\nchecks for dim_movie:\n  - row_count = 2\n");
  ASSERT_EQ(nothing.notices.size(), 1U);
  EXPECT_EQ(nothing.notices[0].message, "'sample datasets' matches nothing");
  EXPECT_EQ(nothing.soda_exit_code(), 0);
}

TEST_F(ScanTest, ABrokenProfileCostsNoCheck) {
  db_.query("CREATE VIEW broken AS SELECT CAST(original_title AS INT) AS n FROM movie_ratings_curated");
  db_.query("CREATE VIEW half AS SELECT CAST(original_title AS INT) AS n, rating FROM movie_ratings_curated");
  const ScanResult result = scan_text(
      "profile columns:\n  columns: [broken.n, half.%, dim_movie.id]\nchecks for dim_movie:\n  - row_count = 2\n");
  EXPECT_EQ(result.count(Outcome::kPass), 1);
  ASSERT_EQ(result.errors.size(), 2U);
  EXPECT_NE(result.errors[0].message.find("Could not convert string"), std::string::npos);
  ASSERT_EQ(result.survey.profiles.size(), 3U);
  ASSERT_EQ(result.survey.profiles[2].columns.size(), 1U) << "the column beside a bad one is profiled";
  EXPECT_EQ(result.survey.profiles[2].columns[0].column.name, "rating");
}

TEST_F(ScanTest, SurveysInSodasForms) {
  const ScanResult result = scan_text(
      "discover datasets:\n  datasets: [dim%]\nprofile columns:\n  columns: [dim_movie.id]\nsample datasets:\n  "
      "datasets: "
      "[dim%]\n");
  const SodaScan scan{"", kDataSource, "Soda Core 3.5.6", {}, {}, {}};
  const std::string console = render_soda(result, scan, false);
  for (const auto* line : {"Running discover datasets for data source: db", "Discovering the following tables:",
                           "  - dim_movie", "Profiling columns for the following tables:",
                           "Sampling the following tables:", "No valid checks found, 0 checks evaluated."}) {
    EXPECT_NE(console.find(line), std::string::npos) << console;
  }
  const auto json = to_soda_json(result, scan);
  EXPECT_EQ(json["metadata"].dump(),
            R"([{"table":"dim_movie","dataSource":"db","schema":[{"columnName":"id","sourceDataType":"int"}]}])");
  EXPECT_EQ(
      json["profiling"][0]["columnProfiles"][0].dump(),
      R"({"columnName":"id","profile":{"mins":[1.0,2.0],"maxs":[2.0,1.0],"min":1.0,"max":2.0,"frequent_values":)"
      R"([{"value":"1","frequency":1},{"value":"2","frequency":1}],"avg":1.5,"sum":3.0,"stddev":0.7071067811865476,)"
      R"("variance":0.5,"distinct":2,"missing_count":0,"histogram":{"boundaries":[1.0,2.0],"frequencies":[1,1]},)"
      R"("avg_length":null,"min_length":null,"max_length":null}})");
}

}  // namespace
}  // namespace metl::quality::test

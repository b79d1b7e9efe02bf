// Distribution checks: the figures are those that NumPy and SciPy give Soda Core 3.5.6 for the same data.
#include "quality/statistics/distribution.h"

#include <cmath>

#include "fixture.h"
#include "quality/statistics/pcg64.h"

namespace metl::quality::test {
namespace {

// `n` values of a plain rule.
std::vector<double> values(size_t n) {
  std::vector<double> out;
  for (size_t i = 0; i < n; ++i) out.push_back(static_cast<double>((i * 37) % 101) / 20);
  return out;
}

Distribution continuous() {
  Distribution out;
  out.edges = {0, 1, 2, 3, 4, 5};
  out.weights = {0, 0.1, 0.2, 0.4, 0.2, 0.1};
  return out;
}

Distribution categorical() {
  Distribution out;
  out.categorical = true;
  out.categories = {std::string("a"), std::string("b"), std::string("c")};
  out.weights = {0.5, 0.3, 0.2};
  return out;
}

TEST(Pcg64, GivesNumPysNumbers) {
  Pcg64 zero(0);
  EXPECT_EQ(zero.uniform(), 0.6369616873214543);
  EXPECT_EQ(zero.uniform(), 0.2697867137638703);
  EXPECT_EQ(zero.uniform(), 0.04097352393619469);
  EXPECT_EQ(Pcg64(9).uniform(), 0.8702492039700847);
}

TEST(Distribution, NumbersDifferAsMuchAsSciPySays) {
  struct Expected {
    size_t n;
    double ks, psi, swd;
  };
  for (const auto& [n, ks, psi, swd] :
       {Expected{1, 1.0, 23.02562067143116, 2.0},
        Expected{4, 0.7714285714285716, 12.932435620424759, 1.0285455492616677},
        Expected{50, 0.3959398631708505, 0.5537478815101209, 0.31411781685799545},
        Expected{1000, 1.6934780955489301e-07, 0.3222294509489861, 0.2857595061169004},
        Expected{12000, 1.7328400389494209e-63, 0.28314939584232285, 0.27629205277162505}}) {
    // Above 10,000 values the p-value is a limit.
    EXPECT_NEAR(difference_of("ks", continuous(), values(n)), ks, n > 10'000 ? 2e-5 : ks * 1e-9) << n;
    EXPECT_NEAR(difference_of("psi", continuous(), values(n)), psi, psi * 1e-9) << n;
    EXPECT_NEAR(difference_of("swd", continuous(), values(n)), swd, swd * 1e-9) << n;
    EXPECT_EQ(difference_of("semd", continuous(), values(n)), difference_of("swd", continuous(), values(n)));
  }
}

TEST(Distribution, OfLargeSamplesThePValueIsRightToFiveDigits) {
  // What SciPy gives for samples of the same distribution, drawn with other seeds.
  const auto sample = [](size_t n, uint32_t seed) {
    Pcg64 random(seed);
    std::vector<double> out;
    const std::vector<double> sums{0, 0.1, 0.3, 0.7, 0.9, 1};
    for (size_t i = 0; i < n; ++i) {
      const double u = random.uniform();
      size_t bin = 1;
      while (bin < 5 && u >= sums[bin]) ++bin;
      out.push_back(static_cast<double>(bin - 1) + (u - sums[bin - 1]) / (sums[bin] - sums[bin - 1]));
    }
    std::sort(out.begin(), out.end());
    return out;
  };
  struct Expected {
    size_t n;
    uint32_t seed;
    double p;
  };
  for (const auto& [n, seed, p] : {Expected{12000, 0, 0.5610744505740239}, Expected{12000, 1, 0.09769402288373374},
                                   Expected{12000, 2, 0.8055384807203736}, Expected{30000, 0, 0.03842316455697725},
                                   Expected{30000, 2, 0.7720584594507872}}) {
    EXPECT_NEAR(ks_p_value(sample(n, seed), sample(n, 77)), p, 2e-5) << n << " " << seed;
  }
}

TEST(Distribution, CategoriesDifferAsMuchAsSciPySays) {
  const std::vector<std::pair<Value, double>> counts{
      {std::string("c"), 25}, {std::string("a"), 40}, {std::string("b"), 35}};
  EXPECT_NEAR(difference_of("chi_square", categorical(), counts), 0.13822727080738378, 1e-12);
  EXPECT_NEAR(difference_of("psi", categorical(), counts), 20.828001493813655, 1e-9);
  EXPECT_NEAR(difference_of("swd", categorical(), counts), 0.6761234037828133, 1e-12);
}

TEST(Distribution, ChiSquareBySeriesAndByFraction) {
  for (const auto& [statistic, freedom, p] : {std::tuple{0.5, 1.0, 0.47950012218695337},
                                              {3.0, 2.0, 0.22313016014842982},
                                              {10.0, 4.0, 0.04042768199451279},
                                              {40.0, 5.0, 1.493367900050393e-07},
                                              {200.0, 150.0, 0.003973185970821635}}) {
    EXPECT_NEAR(chi_square_p_value(statistic, freedom), p, p * 1e-9) << statistic;
  }
}

class DistributionCheck : public ScanTest {
 protected:
  // One check on `txt` of `data` with a reference file of this text.
  std::string outcome(const std::string& reference, const std::string& check) {
    const ChecksFile file("checks for data:\n  - distribution_difference" + check +
                          "\n      distribution reference file: r.yml\n");
    std::ofstream(file.folder() + "/r.yml") << reference;
    const ScanResult result = scan({{file.path()}, {}, now_, false}, data_);
    if (!result.errors.empty()) return text::replace_all(result.errors[0].message, file.folder() + "/", "");
    return fmt::format("{} {}", to_text(result.checks.at(0).outcome), to_text(result.checks[0].value));
  }
  DistributionCheck() {
    db_.query(
        "CREATE TABLE data AS SELECT CASE WHEN i % 3 = 0 THEN 'a' ELSE 'b' END AS txt, i::FLOAT AS n FROM range(30) "
        "t(i)");
  }
};

TEST_F(DistributionCheck, FromFileToOutcome) {
  const std::string text =
      "distribution_type: categorical\ndistribution_reference: {bins: [a, b], weights: [0.5, 0.5]}\n";
  EXPECT_TRUE(outcome(text, "(txt) > 0.05:").starts_with("pass 0.077")) << outcome(text, "(txt) > 0.05:");
  EXPECT_TRUE(outcome(text, "(txt) > 0.5:").starts_with("fail 0.077"));
  EXPECT_TRUE(outcome(text, "(txt):\n      warn: when < 0.5").starts_with("warn 0.077"));
  EXPECT_TRUE(outcome("x:\n  " + text::replace_all(text, "\n", "\n  "), "(txt, x) > 0.05:").starts_with("pass"));
  const std::string numbers =
      "distribution_type: continuous\ndistribution_reference: {bins: [0, 30], weights: [0, 1]}\n";
  EXPECT_TRUE(outcome(numbers, "(n) > 0.05:").starts_with("pass"));
  EXPECT_TRUE(outcome(numbers, "(n) > 0.05:\n      filter: n > 20").starts_with("fail"));
  EXPECT_TRUE(outcome(numbers, "(n) > 0.05:\n      sample: TABLESAMPLE BERNOULLI (100 PERCENT)").starts_with("pass"));
}

TEST_F(DistributionCheck, WhatIsWrongIsSaid) {
  const std::string numbers =
      "distribution_type: continuous\ndistribution_reference: {bins: [0, 9], weights: [0, 1]}\n";
  const std::string text = "distribution_type: categorical\ndistribution_reference: {bins: [a], weights: [1]}\n";
  EXPECT_EQ(outcome(numbers, "(n) > 1:\n      method: chi_square"),
            "method 'chi_square' does not go with a continuous reference; ks, psi, swd, semd do");
  EXPECT_EQ(outcome(numbers, "(txt) > 1:"), "column 'txt' is string, but a continuous reference is about numbers");
  EXPECT_EQ(outcome(numbers, "(n) > 1:\n      filter: n > 100"),
            "\"distribution_difference(n) > 1\" cannot be evaluated: there are no values to compare");
  EXPECT_EQ(outcome(text, "(txt) > 1:"),
            "\"distribution_difference(txt) > 1\" cannot be evaluated: the reference has no category 'b'");
  EXPECT_EQ(outcome("a: {}\n", "(n) > 1:"),
            "the distribution reference file r.yml: it holds named references: name one, as in "
            "distribution_difference(column, name)");
  EXPECT_EQ(outcome("a: {}\n", "(n, b) > 1:"), "the distribution reference file r.yml: it holds no reference 'b'");
  EXPECT_EQ(
      outcome("distribution_type: continuous\ndistribution_reference: {bins: [1, 2], weights: [1, 1]}\n", "(n) > 1:"),
      "the distribution reference file r.yml: the sum of its weights is not 1");
  EXPECT_EQ(outcome(numbers, "(n) > 1:\n      sample: '; DROP TABLE data'"),
            "'sample: ; DROP TABLE data' is none, as TABLESAMPLE BERNOULLI (10 PERCENT) is");
  EXPECT_EQ(outcome(numbers, "(n) > 1:\n      sample: TABLESAMPLE 1% ) FROM data; DROP TABLE data; --"),
            "the brackets of the SQL do not pair up");
}

}  // namespace
}  // namespace metl::quality::test

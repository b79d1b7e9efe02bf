#include "quality/statistics/distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <stdexcept>

#include "quality/statistics/pcg64.h"

namespace metl::quality {
namespace {

constexpr uint32_t kSamples = 10;
constexpr size_t kBins = 10;            // of psi
constexpr double kEmptyBin = 1e-5;      // its share there
constexpr double kLeastOfCategory = 5;  // what the chi-square approximation needs
constexpr size_t kMostExact = 10'000;   // values, up to which the p-value is counted out, as SciPy does

// P(D >= h / n) for two samples of n (Gnedenko & Korolyuk 1951).
double exact_p_value(double n, double h) {
  double p = 0;
  // NOLINTBEGIN(bugprone-float-loop-counter): whole numbers, which a double holds exactly
  for (double k = std::floor(n / h); k >= 0; --k) {
    double term = 1;
    for (double j = 0; j < h; ++j) term = (n - k * h - j) * term / (n + k * h + j + 1);
    p = term * (1 - p);
  }
  // NOLINTEND(bugprone-float-loop-counter)
  return std::clamp(2 * p, 0.0, 1.0);
}

// P(D > d) for one sample of n, n large: Kolmogorov's limit with Vrbik's correction (2018), which is right to 5 digits.
double limit_p_value(double n, double d) {
  const double root = std::sqrt(n);
  const double x = d * root;
  const double z = x + 1 / (6 * root) + (x - 1) / (4 * n);
  double sum = 0;
  if (z < 1) {
    const double base = -std::numbers::pi * std::numbers::pi / (8 * z * z);
    for (int k = 1; k < 20; k += 2) sum += std::exp(base * k * k);
    return 1 - std::sqrt(2 * std::numbers::pi) / z * sum;
  }
  for (int k = 1; k < 20; ++k) sum += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * z * z);
  return sum;
}

double spread_of(const std::vector<double>& a, const std::vector<double>& b) {
  const auto count = static_cast<double>(a.size() + b.size());
  const double mean = (std::accumulate(a.begin(), a.end(), 0.0) + std::accumulate(b.begin(), b.end(), 0.0)) / count;
  double squares = 0;
  for (const auto* list : {&a, &b}) {
    for (const double value : *list) squares += (value - mean) * (value - mean);
  }
  return std::sqrt(squares / count);
}

// Calls `part` with each value of both ordered lists in order, and how many of `a` and of `b` are up to it.
template <typename Part>
void walk(const std::vector<double>& a, const std::vector<double>& b, const Part& part) {
  size_t in_a = 0;
  size_t in_b = 0;
  while (in_a < a.size() || in_b < b.size()) {
    const double value = in_b == b.size() || (in_a < a.size() && a[in_a] <= b[in_b]) ? a[in_a] : b[in_b];
    while (in_a < a.size() && a[in_a] <= value) ++in_a;
    while (in_b < b.size() && b[in_b] <= value) ++in_b;
    part(value, static_cast<double>(in_a), static_cast<double>(in_b));
  }
}

// Wasserstein's distance in standard deviations. Both ordered.
double standard_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double distance = 0;
  double before = 0;
  double difference = 0;  // of the shares up to there
  walk(a, b, [&](double value, double in_a, double in_b) {
    distance += difference == 0 ? 0 : std::abs(difference) * (value - before);
    before = value;
    difference = in_a / static_cast<double>(a.size()) - in_b / static_cast<double>(b.size());
  });
  return distance / spread_of(a, b);
}

// What share of the ordered values lies in each bin; empty ones count as a little.
std::array<double, kBins> shares_of(const std::vector<double>& sorted, double low, double high) {
  std::array<double, kBins> out{};
  double before = 0;
  for (size_t bin = 0; bin < kBins; ++bin) {
    const double end = low + static_cast<double>(bin + 1) * ((high - low) / kBins);
    const bool last = bin + 1 == kBins;
    const auto up_to = last ? static_cast<double>(sorted.size())
                            : static_cast<double>(std::lower_bound(sorted.begin(), sorted.end(), end) - sorted.begin());
    out.at(bin) = (up_to - before) / static_cast<double>(sorted.size());
    if (out.at(bin) == 0) out.at(bin) = kEmptyBin;
    before = up_to;
  }
  return out;
}

double population_stability(const std::vector<double>& a, const std::vector<double>& b) {
  const double low = std::min(a.front(), b.front());
  const double high = std::max(a.back(), b.back());
  const auto left = shares_of(a, low, high);
  const auto right = shares_of(b, low, high);
  double out = 0;
  for (size_t i = 0; i < kBins; ++i) out += (left.at(i) - right.at(i)) * std::log(left.at(i) / right.at(i));
  return out;
}

// One of psi, swd, semd; all of them compare ordered numbers.
double distance_of(const std::string& method, const std::vector<double>& values, const std::vector<double>& reference) {
  return method == "psi" ? population_stability(values, reference) : standard_distance(reference, values);
}

std::vector<double> draw(const Distribution& reference, size_t size, uint32_t seed) {
  std::vector<double> sums(reference.weights.size());
  std::partial_sum(reference.weights.begin(), reference.weights.end(), sums.begin());
  Pcg64 random(seed);
  std::vector<double> out(size);
  for (double& value : out) {
    const double u = random.uniform();
    const auto above = static_cast<size_t>(std::upper_bound(sums.begin(), sums.end(), u) - sums.begin());
    if (above == 0 || above == sums.size()) {
      value = above == 0 ? reference.edges.front() : reference.edges.back();
      continue;
    }
    const size_t below = above - 1;
    const double slope = (reference.edges[above] - reference.edges[below]) / (sums[above] - sums[below]);
    value = slope * (u - sums[below]) + reference.edges[below];
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool same_category(const Value& a, const Value& b) {
  const auto left = as_number(a);
  const auto right = as_number(b);
  return left && right ? *left == *right : to_text(a) == to_text(b) && is_null(a) == is_null(b);
}

double chi_square(const std::vector<Value>& categories, const std::vector<double>& expected,
                  const std::vector<std::pair<Value, double>>& counts) {
  std::vector<double> observed(categories.size(), 0);
  for (const auto& [value, count] : counts) {
    const auto known = std::find_if(categories.begin(), categories.end(),
                                    [&value = value](const Value& other) { return same_category(value, other); });
    if (known == categories.end())
      throw std::invalid_argument(fmt::format("the reference has no category '{}'", to_text(value)));
    observed[static_cast<size_t>(known - categories.begin())] = count;
  }
  for (size_t i = 0; i < categories.size(); ++i) {
    if (expected[i] < kLeastOfCategory || observed[i] < kLeastOfCategory) {
      throw std::invalid_argument(
          fmt::format("category '{}' occurs {} times and is expected {} times; chi_square needs {} of each",
                      to_text(categories[i]), observed[i], expected[i], kLeastOfCategory));
    }
  }
  // One more of each, as there; what is expected is scaled to as many as there are.
  const auto total = [](const std::vector<double>& list) {
    return std::accumulate(list.begin(), list.end(), static_cast<double>(list.size()));
  };
  const double scale = total(observed) / total(expected);
  double statistic = 0;
  for (size_t i = 0; i < observed.size(); ++i) {
    const double wanted = (expected[i] + 1) * scale;
    statistic += (observed[i] + 1 - wanted) * (observed[i] + 1 - wanted) / wanted;
  }
  return chi_square_p_value(statistic, static_cast<double>(observed.size()) - 1);
}

}  // namespace

const std::vector<std::string>& methods_of(const Distribution& distribution) {
  static const std::vector<std::string> kContinuous{"ks", "psi", "swd", "semd"};
  static const std::vector<std::string> kCategorical{"chi_square", "psi", "swd", "semd"};
  return distribution.categorical ? kCategorical : kContinuous;
}

double ks_p_value(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  walk(a, b, [&](double, double in_a, double in_b) { largest = std::max(largest, std::abs(in_a - in_b)); });
  if (largest == 0) return 1;
  const auto n = static_cast<double>(a.size());
  return a.size() <= kMostExact ? exact_p_value(n, largest) : limit_p_value(std::nearbyint(n / 2), largest / n);
}

// The upper incomplete gamma function of freedom / 2 and statistic / 2: its series, or its continued fraction (Lentz).
double chi_square_p_value(double statistic, double freedom) {
  const double a = freedom / 2;
  const double x = statistic / 2;
  if (x <= 0) return 1;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the sign that it keeps for all threads is not used
  const double factor = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (double n = a + 1; term > sum * 1e-17; ++n) sum += term *= x / n;
    return 1 - factor * sum;
  }
  constexpr double kTiny = 1e-300;
  double b = x + 1 - a;
  double c = 1 / kTiny;
  double d = 1 / b;
  double fraction = d;
  // NOLINTNEXTLINE(bugprone-float-loop-counter): whole numbers, which a double holds exactly
  for (double i = 1; i < 10'000; ++i) {
    const double part = -i * (i - a);
    b += 2;
    d = 1 / (std::abs(part * d + b) < kTiny ? kTiny : part * d + b);
    c = std::abs(b + part / c) < kTiny ? kTiny : b + part / c;
    fraction *= d * c;
    if (std::abs(d * c - 1) < 1e-15) break;
  }
  return factor * fraction;
}

double difference_of(const std::string& method, const Distribution& reference, std::vector<double> values) {
  if (values.empty()) throw std::invalid_argument("there are no values to compare");
  std::sort(values.begin(), values.end());
  std::vector<double> results;
  for (uint32_t seed = 0; seed < kSamples; ++seed) {
    const auto drawn = draw(reference, values.size(), seed);
    results.push_back(method == "ks" ? ks_p_value(drawn, values) : distance_of(method, values, drawn));
  }
  std::sort(results.begin(), results.end());
  return (results[kSamples / 2 - 1] + results[kSamples / 2]) / 2;
}

double difference_of(const std::string& method, const Distribution& reference,
                     const std::vector<std::pair<Value, double>>& counts) {
  if (counts.empty()) throw std::invalid_argument("there are no values to compare");
  double rows = 0;
  std::vector<double> frequencies;
  for (const auto& [value, count] : counts) {
    rows += count;
    frequencies.push_back(count);
  }
  std::vector<double> expected;
  for (const double weight : reference.weights) expected.push_back(std::nearbyint(weight * rows));
  if (method == "chi_square") return chi_square(reference.categories, expected, counts);
  std::sort(frequencies.begin(), frequencies.end());
  std::sort(expected.begin(), expected.end());
  return distance_of(method, frequencies, expected);
}

}  // namespace metl::quality

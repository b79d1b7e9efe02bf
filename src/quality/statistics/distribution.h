// How far a column's values are from a reference distribution: Soda Core's five methods of distribution_difference.
//
// ks and chi_square give a p-value (small: different); psi, swd and semd a distance (large: different; the last two are
// the same). A continuous reference is drawn as ten samples as large as the data, from the same random numbers as there
// (pcg64.h); the result is the median of ten. Of categories, ks and psi's kin compare how often each occurs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/rows.h"

namespace metl::quality {

// A reference object, as `soda update-dro` writes it.
struct Distribution {
  bool categorical = false;
  std::vector<double> edges;      // continuous: ascending
  std::vector<Value> categories;  // categorical
  std::vector<double> weights;    // of each edge (the part that lies below it) or category; about 1 in all
};

// The methods that a distribution allows; the first is the default.
const std::vector<std::string>& methods_of(const Distribution& distribution);

// Of a continuous column: `values` are not NULL. Throws std::invalid_argument with what is wrong for too little data.
double difference_of(const std::string& method, const Distribution& reference, std::vector<double> values);

// Of a categorical column: each value and how often it occurs; NULL is one of them.
double difference_of(const std::string& method, const Distribution& reference,
                     const std::vector<std::pair<Value, double>>& counts);

// Building blocks, for tests. Two samples of the same size n, ordered; the chance that they differ this much.
double ks_p_value(const std::vector<double>& a, const std::vector<double>& b);
// The chance of a chi-square statistic of at least this, with `freedom` >= 1 degrees.
double chi_square_p_value(double statistic, double freedom);

}  // namespace metl::quality

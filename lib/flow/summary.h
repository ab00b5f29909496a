// What a user wants to know of many log-densities, weighted or not: taken in one at a time, so of
// any number of rows.
//
//   mean = sum w l / W,  W = sum w;  error^2 = (sum w (l - mean)^2 / W) / (n - 1),  n = W^2 / sum
//   w^2
//
// n, the effective number of rows (Kish, 1965), is their number where the weights are equal.
#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

namespace flow {

struct Summary {
  std::size_t rows = 0;
  std::size_t outside = 0;  // rows of density 0, log-density -Inf: left out of the mean
  double mean = std::numeric_limits<double>::quiet_NaN();
  double worst = std::numeric_limits<double>::infinity();  // the least, or NaN if there is one
  std::uint64_t worst_row = 0;                             // from 0
  double squares = 0;                     // weighted sum of the squared deviations from the mean
  double weight = 0, weight_squares = 0;  // sums over the rows of the mean

  // row_weight: above 0.
  void add(double logp, std::uint64_t row, double row_weight = 1) {
    ++rows;
    if (!std::isnan(worst) && !(logp >= worst)) worst = logp, worst_row = row;
    if (logp == -std::numeric_limits<double>::infinity()) return void(++outside);
    const double before = weight > 0 ? mean : 0, d = logp - before;  // West (1979)
    weight += row_weight, weight_squares += row_weight * row_weight;
    mean = before + d * row_weight / weight;
    squares += row_weight * d * (logp - mean);
  }
  // The standard error of the mean.
  double error() const {
    const double n = weight * weight / weight_squares;
    return n > 1 ? std::sqrt(squares / (n - 1) / weight) : 0;
  }
};

// weights: one a row, or none.
inline Summary summarise(std::span<const double> logp, std::span<const double> weights = {}) {
  Summary s;
  for (std::size_t i = 0; i < logp.size(); ++i) s.add(logp[i], i, weights.empty() ? 1 : weights[i]);
  return s;
}

// -log p / (D ln 2): bits for each dimension, of data in units of the integers.
inline double bits_per_dim(double logp, std::size_t columns) {
  return -logp / (static_cast<double>(columns) * std::log(2.0));
}

}  // namespace flow

// What a user wants to know of many log-densities: taken in one at a time, so of any number of
// rows.
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
  double squares = 0;  // sum of the squared deviations from the mean

  void add(double logp, std::uint64_t row) {
    ++rows;
    if (!std::isnan(worst) && !(logp >= worst)) worst = logp, worst_row = row;
    if (logp == -std::numeric_limits<double>::infinity()) return void(++outside);
    const double n = static_cast<double>(rows - outside), before = n > 1 ? mean : 0;
    const double d = logp - before;  // Welford (1962)
    mean = before + d / n;
    squares += d * (logp - mean);
  }
  // The standard error of the mean.
  double error() const {
    const double n = static_cast<double>(rows - outside);
    return n > 1 ? std::sqrt(squares / (n - 1) / n) : 0;
  }
};

inline Summary summarise(std::span<const double> logp) {
  Summary s;
  for (std::size_t i = 0; i < logp.size(); ++i) s.add(logp[i], i);
  return s;
}

// -log p / (D ln 2): bits for each dimension, of data in units of the integers.
inline double bits_per_dim(double logp, std::size_t columns) {
  return -logp / (static_cast<double>(columns) * std::log(2.0));
}

}  // namespace flow

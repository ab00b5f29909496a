// Mean and deviation of columns, for the layers that start from data.
#pragma once
#include <cmath>

#include "core/view.h"

namespace flow {

struct Moments {
  double mean, deviation;  // divisor n
};

inline Moments moments(const real* column, std::size_t rows) {
  const double n = static_cast<double>(rows);
  double mean = 0, squares = 0;
  for (std::size_t i = 0; i < rows; ++i) mean += static_cast<double>(column[i]);
  mean /= n;
  for (std::size_t i = 0; i < rows; ++i) {
    const double d = static_cast<double>(column[i]) - mean;
    squares += d * d;
  }
  return {mean, std::sqrt(squares / n)};
}

// A column that is constant to rounding has no deviation to divide by.
inline bool is_constant(Moments m) {
  return !(m.deviation > 1e-6 * std::abs(m.mean) && m.deviation > 1e-30);
}

inline double safe_deviation(Moments m) { return is_constant(m) ? 1 : m.deviation; }

}  // namespace flow

// Mean and deviation of columns, for the layers that start from data.
#pragma once
#include <cmath>
#include <string>
#include <vector>

#include "core/view.h"

namespace flow {

struct Moments {
  double mean, deviation;   // divisor n
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

// The deviation to divide by. A column that is constant to rounding gets 1 and a warning.
inline double safe_deviation(Moments m, std::size_t column, std::vector<std::string>& warnings) {
  if (m.deviation > 1e-6 * std::abs(m.mean) && m.deviation > 1e-30) return m.deviation;
  warnings.push_back("column " + std::to_string(column + 1) + " is constant (" +
                     std::to_string(m.mean) + "); it is not scaled");
  return 1;
}

}  // namespace flow

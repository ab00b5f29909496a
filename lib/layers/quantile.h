// The standard normal distribution function and its inverse, number by number, in double.
#pragma once
#include <cmath>
#include <numbers>

namespace flow {

inline double normal_share(double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; }

// ln of the density at z.
inline double normal_log_density(double z) {
  return -z * z / 2 - std::log(2 * std::numbers::pi) / 2;
}

// v in (0, 1). A start that is good to 4.5e-4 (Abramowitz, Stegun: Handbook of mathematical
// functions, 1964, 26.2.23), then Halley's method: each step triples the digits.
inline double normal_quantile(double v) {
  const bool upper = v > 0.5;
  const double p = upper ? 1 - v : v, t = std::sqrt(-2 * std::log(p));
  double z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
  for (int i = 0; i < 2; ++i) {
    const double u = (normal_share(z) - p) * std::exp(-normal_log_density(z));
    z -= u / (1 + z * u / 2);
  }
  return upper ? -z : z;
}

}  // namespace flow

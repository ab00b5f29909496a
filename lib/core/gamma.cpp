#include "core/gamma.h"

#include <cmath>
#include <numbers>

namespace flow {

namespace {

// The first term that is left out is below 1e-15 there.
constexpr double far = 10;

// c_0 + c_1 y + c_2 y^2 + ...
template <std::size_t n>
double polynomial(const double (&c)[n], double y) {
  double sum = 0;
  for (std::size_t i = n; i-- > 0;) sum = sum * y + c[i];
  return sum;
}

}  // namespace

double log_gamma(double x) {
  static constexpr double series[] = {1.0 / 12,    -1.0 / 360, 1.0 / 1260,
                                      -1.0 / 1680, 1.0 / 1188, -691.0 / 360360};
  double product = 1;
  for (; x < far; ++x) product *= x;
  const double half_log_2pi = std::log(2 * std::numbers::pi) / 2;
  return (x - 0.5) * std::log(x) - x + half_log_2pi + polynomial(series, 1 / (x * x)) / x -
         std::log(product);
}

double digamma(double x) {
  static constexpr double series[] = {1.0 / 12,   -1.0 / 120, 1.0 / 252,
                                      -1.0 / 240, 1.0 / 132,  -691.0 / 32760};
  double sum = 0;
  for (; x < far; ++x) sum -= 1 / x;
  const double y = 1 / (x * x);
  return sum + std::log(x) - 0.5 / x - y * polynomial(series, y);
}

}  // namespace flow

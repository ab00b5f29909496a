#include "logdet/fit.h"

#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

namespace flow {

namespace {

// P(|T| < t) for a whole number of degrees: the finite series of Abramowitz and Stegun, Handbook of
// mathematical functions (1964), 26.7.3 and 26.7.4.
double chance_within(double t, std::size_t degrees) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(degrees)));
  const double cosine = std::cos(angle), sine = std::sin(angle);
  const bool odd = degrees % 2;
  double term = odd ? cosine : 1, sum = 0;
  for (std::size_t k = odd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    term *= cosine * cosine * static_cast<double>(k - 1) / static_cast<double>(k);
  }
  return odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

}  // namespace

double student_95(std::size_t degrees) {
  assert(degrees > 0);
  double low = 0, high = 16;  // 12.7 of one degree is the largest
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (chance_within(middle, degrees) < 0.95 ? low : high) = middle;
  }
  return (low + high) / 2;
}

double Fit::at(double n) const { return std::exp(log_scale + slope * std::log(n)); }

Fit fit_power(std::span<const double> n, std::span<const double> t) {
  assert(n.size() == t.size());
  Fit fit;
  fit.points = n.size();
  if (fit.points < 2) return fit;
  const double count = static_cast<double>(fit.points);
  double mean_x = 0, mean_y = 0, xx = 0, xy = 0, rest = 0;
  for (std::size_t i = 0; i < n.size(); ++i)
    mean_x += std::log(n[i]) / count, mean_y += std::log(t[i]) / count;
  for (std::size_t i = 0; i < n.size(); ++i) {
    const double x = std::log(n[i]) - mean_x;
    xx += x * x, xy += x * (std::log(t[i]) - mean_y);
  }
  fit.slope = xy / xx;
  fit.log_scale = mean_y - fit.slope * mean_x;
  for (std::size_t i = 0; i < n.size(); ++i) {
    const double e = std::log(t[i]) - fit.log_scale - fit.slope * std::log(n[i]);
    rest += e * e;
  }
  double half = std::numeric_limits<double>::infinity();
  if (fit.points > 2) {
    fit.residual = std::sqrt(rest / (count - 2));
    half = student_95(fit.points - 2) * fit.residual / std::sqrt(xx);
  }
  fit.low = fit.slope - half, fit.high = fit.slope + half;
  return fit;
}

}  // namespace flow

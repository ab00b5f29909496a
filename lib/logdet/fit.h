// How a time grows with N: the slope of log t over log N, by least squares, with the interval that
// holds it with 95 % confidence (Student's t).
#pragma once
#include <cstddef>
#include <span>

namespace flow {

struct Fit {
  double slope = 0, low = 0, high = 0;  // the interval; of two points it is infinite
  double log_scale = 0;                 // t = exp(log_scale) N^slope
  double residual = 0;                  // standard deviation of ln t about the line
  std::size_t points = 0;               // fewer than two: nothing was fitted
  double at(double n) const;            // seconds
};

// n and t: positive, of the same length.
Fit fit_power(std::span<const double> n, std::span<const double> t);

// Of the t distribution: |t| is below it with a chance of 95 %.
double student_95(std::size_t degrees);

}  // namespace flow

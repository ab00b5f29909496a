// Dense matrices by Gaussian elimination with partial pivoting: the textbook, against which fast
// log-dets are held.
#pragma once
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace flow::test {

// log |det A|
inline double log_abs_det(std::vector<double> a, std::size_t d) {
  double sum = 0;
  for (std::size_t k = 0; k < d; ++k) {
    std::size_t p = k;
    for (std::size_t i = k; i < d; ++i)
      if (std::abs(a[i * d + k]) > std::abs(a[p * d + k])) p = i;
    for (std::size_t j = 0; j < d; ++j) std::swap(a[k * d + j], a[p * d + j]);
    sum += std::log(std::abs(a[k * d + k]));
    for (std::size_t i = k + 1; i < d; ++i)
      for (std::size_t j = d; j-- > k;) a[i * d + j] -= a[i * d + k] / a[k * d + k] * a[k * d + j];
  }
  return sum;
}

// A^-1
inline std::vector<double> inverted(std::vector<double> a, std::size_t d) {
  std::vector<double> b(d * d);
  for (std::size_t k = 0; k < d; ++k) b[k * d + k] = 1;
  for (std::size_t k = 0; k < d; ++k) {
    std::size_t p = k;
    for (std::size_t i = k; i < d; ++i)
      if (std::abs(a[i * d + k]) > std::abs(a[p * d + k])) p = i;
    const double pivot = a[p * d + k];
    for (std::size_t j = 0; j < d; ++j) {
      std::swap(a[k * d + j], a[p * d + j]), std::swap(b[k * d + j], b[p * d + j]);
      a[k * d + j] /= pivot, b[k * d + j] /= pivot;
    }
    for (std::size_t i = 0; i < d; ++i) {
      const double factor = i == k ? 0 : a[i * d + k];
      for (std::size_t j = 0; j < d; ++j)
        a[i * d + j] -= factor * a[k * d + j], b[i * d + j] -= factor * b[k * d + j];
    }
  }
  return b;
}

// Of Frobenius.
inline double norm(const std::vector<double>& a) {
  double sum = 0;
  for (const double v : a) sum += v * v;
  return std::sqrt(sum);
}

}  // namespace flow::test

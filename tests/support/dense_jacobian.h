// log |det A| by Gaussian elimination with partial pivoting: the textbook, against which fast
// log-dets are held.
#pragma once
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace flow::test {

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

}  // namespace flow::test

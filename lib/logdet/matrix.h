// Matrices to take determinants of, and their log-dets in double.
#pragma once
#include <cmath>
#include <vector>

#include "core/aligned.h"
#include "core/random.h"
#include "core/view.h"
#include "nn/lu.h"

namespace flow {

// A column-major n x n matrix. Its columns stand an odd number of 16 numbers apart: a power of two
// would send the rows of a block to the same few lines of the cache, and the dense side would look
// slower than it is.
template <class T>
class Square {
 public:
  explicit Square(std::size_t n) : n_(n), ld_(round_up(n, 16) | 16), data_(ld_ * n) {}
  View<T> view() const { return {data_.data(), n_, n_, ld_}; }

 private:
  std::size_t n_, ld_;
  Aligned<T> data_;
};

template <class From, class To>
void copy_matrix(View<const From> from, View<To> to) {
  for (std::size_t j = 0; j < from.cols; ++j) std::copy_n(from.col(j), from.rows, to.col(j));
}

// I + G / (2 sqrt n), G standard normal: as well conditioned as the Jacobian of a flow.
inline Square<real> random_square(std::size_t n) {
  Square<real> a(n);
  const Random random(n, Stream::test);
  const double scale = 0.5 / std::sqrt(static_cast<double>(n));
  std::vector<double> column(n);
  for (std::size_t j = 0; j < n; ++j) {
    random.normal(j, column);
    for (std::size_t i = 0; i < n; ++i)
      a.view()(i, j) = static_cast<real>((i == j ? 1 : 0) + scale * column[i]);
  }
  return a;
}

// Numbers that are normal with this deviation, rounded to `real`.
inline Aligned<real> normal_numbers(std::size_t count, std::uint64_t seed, double deviation) {
  Aligned<real> out(count);
  std::vector<double> draws(count);
  Random(seed, Stream::test).normal(0, draws);
  for (std::size_t i = 0; i < count; ++i) out.data()[i] = static_cast<real>(deviation * draws[i]);
  return out;
}

// log |det A| by LU in double, whatever the type of A.
template <class T>
double log_det_in_double(View<const T> a) {
  const Square<double> work(a.cols);
  copy_matrix(a, work.view());
  std::vector<std::size_t> pivots(a.cols);
  return log_abs_det(work.view(), pivots).log_abs;
}

// log |det A| by Householder's QR; a is overwritten.
double log_det_by_qr(View<float> a);
double log_det_by_qr(View<double> a);

}  // namespace flow

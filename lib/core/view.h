// Views of matrices, and the number type. A view owns nothing: copy it as you would copy a pointer.
//
// A block of data is stored COLUMN by column: the n values of one feature stand side by side, and
// the rows of a block are the lanes of the vector unit. So no kernel has a ragged tail of columns,
// a parameter of a feature is one broadcast number, a permutation moves whole columns, a triangular
// solve runs over all rows at once, and a row's bits depend neither on its neighbours nor on its
// place in the block. Blocks have a multiple of `lanes` rows; the tail is padded (flow/flow.h).
#pragma once
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <span>

#ifndef FLOW_REAL
#define FLOW_REAL float
#endif

namespace flow {

using real = FLOW_REAL;  // double builds the whole library again, for the laws

constexpr std::size_t lanes = 16;  // a block's rows are a multiple of the widest vector: 512 bits

constexpr std::size_t round_up(std::size_t n, std::size_t to) { return (n + to - 1) / to * to; }

template <class T>
struct View {
  T* data;
  std::size_t rows, cols, ld;  // ld >= rows: some rows of a larger block are again a view

  T* col(std::size_t j) const {
    assert(j < cols);
    return data + j * ld;
  }
  T& operator()(std::size_t i, std::size_t j) const {
    assert(i < rows && j < cols);
    return data[j * ld + i];
  }
  View columns(std::size_t first, std::size_t n) const {
    assert(first + n <= cols);
    return {data + first * ld, rows, n, ld};
  }
  View from_row(std::size_t first, std::size_t n) const {
    assert(first + n <= rows);
    return {data + first, n, cols, ld};
  }
  operator View<const T>() const { return {data, rows, cols, ld}; }
};

using Mat = View<real>;
using CMat = View<const real>;
using Vec = std::span<real>;
using CVec = std::span<const real>;
using LogDet = std::span<double>;  // one number a row, in double everywhere
using CLogDet = std::span<const double>;

inline void copy(CMat from, Mat to) {
  assert(from.rows == to.rows && from.cols == to.cols);
  for (std::size_t j = 0; j < from.cols; ++j) std::copy_n(from.col(j), from.rows, to.col(j));
}

inline void add(CMat from, Mat to) {
  assert(from.rows == to.rows && from.cols == to.cols);
  for (std::size_t j = 0; j < from.cols; ++j)
    for (std::size_t i = 0; i < from.rows; ++i) to(i, j) += from(i, j);
}

inline void fill(Mat m, real value) {
  for (std::size_t j = 0; j < m.cols; ++j) std::fill_n(m.col(j), m.rows, value);
}

}  // namespace flow

#include "nn/lu.h"

#include <cmath>
#include <limits>

#include "nn/gemm.h"

namespace flow {
namespace {

constexpr std::size_t panel = 8;     // columns factored directly
constexpr std::size_t tile = 32;     // the triangle solved directly, and columns at once
constexpr std::size_t small = 8192;  // multiply-adds below which a call of BLIS costs more
constexpr std::size_t large = std::size_t{1} << 22;  // and above which threads pay

template <class T>
View<T> block(View<T> a, std::size_t row, std::size_t col, std::size_t rows, std::size_t cols) {
  return a.columns(col, cols).from_row(row, rows);
}

// C -= A B
template <class T>
void subtract_product(View<T> a, View<T> b, View<T> c, std::size_t threads) {
  const std::size_t work = c.rows * c.cols * a.cols;
  if (work >= small)
    return gemm(T{-1}, Op::as_is, a, Op::as_is, b, T{1}, c, work >= large ? threads : 1);
  for (std::size_t j = 0; j < c.cols; ++j)
    for (std::size_t k = 0; k < a.cols; ++k) {
      const T factor = b(k, j);
      const T* const from = a.col(k);
      T* const to = c.col(j);
      for (std::size_t i = 0; i < c.rows; ++i) to[i] -= factor * from[i];
    }
}

template <class T>
void exchange_rows(View<T> a, std::span<const std::size_t> pivots) {
  for (std::size_t j = 0; j < a.cols; ++j) {
    T* const col = a.col(j);
    for (std::size_t i = 0; i < pivots.size(); ++i) std::swap(col[i], col[pivots[i]]);
  }
}

// B = L^-1 B for a small unit lower L, `tile` columns at a time, transposed so that the inner loop
// has a fixed length and no dependence.
template <class T>
void solve_tile(View<T> l, View<T> b) {
  T t[tile][tile];
  const std::size_t n = l.rows;
  for (std::size_t first = 0; first < b.cols; first += tile) {
    const std::size_t width = std::min(tile, b.cols - first);
    for (std::size_t i = 0; i < n; ++i) std::fill_n(t[i], tile, T{0});
    for (std::size_t j = 0; j < width; ++j)
      for (std::size_t i = 0; i < n; ++i) t[i][j] = b(i, first + j);
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t i = k + 1; i < n; ++i)
        for (std::size_t j = 0; j < tile; ++j) t[i][j] -= l(i, k) * t[k][j];
    for (std::size_t j = 0; j < width; ++j)
      for (std::size_t i = 0; i < n; ++i) b(i, first + j) = t[i][j];
  }
}

// B = L^-1 B, L unit lower
template <class T>
void solve_unit_lower(View<T> l, View<T> b, std::size_t threads) {
  const std::size_t n = l.rows;
  if (n <= tile) return solve_tile(l, b);
  const std::size_t half = round_up(n / 2, panel);
  const View<T> top = b.from_row(0, half), bottom = b.from_row(half, n - half);
  solve_unit_lower(block(l, 0, 0, half, half), top, threads);
  subtract_product(block(l, half, 0, n - half, half), top, bottom, threads);
  solve_unit_lower(block(l, half, half, n - half, n - half), bottom, threads);
}

// The first row, from `first` on, of the largest magnitude. The maxima of interleaved rows make a
// loop without dependence, which the compiler turns into vectors.
template <class T>
std::size_t largest(const T* col, std::size_t first, std::size_t rows) {
  T most[tile] = {};
  std::size_t i = first;
  for (; i + tile <= rows; i += tile)
    for (std::size_t j = 0; j < tile; ++j) {
      const T magnitude = std::abs(col[i + j]);
      most[j] = magnitude > most[j] ? magnitude : most[j];
    }
  for (; i < rows; ++i) most[0] = std::max(most[0], std::abs(col[i]));
  const T most_of_all = *std::max_element(most, most + tile);
  for (i = first; i < rows; ++i)
    if (std::abs(col[i]) == most_of_all) return i;
  return first;  // of NaNs only
}

template <class T>
void factor_panel(View<T> a, std::span<std::size_t> pivots) {
  for (std::size_t j = 0; j < a.cols; ++j) {
    T* const col = a.col(j);
    const std::size_t pivot = pivots[j] = largest(col, j, a.rows);
    if (col[pivot] == T{0}) continue;  // the column is zero from here on: nothing to eliminate
    if (pivot != j)
      for (std::size_t k = 0; k < a.cols; ++k) std::swap(a(j, k), a(pivot, k));
    // Divided, not multiplied by 1 / pivot, which is infinite for a subnormal one.
    for (std::size_t i = j + 1; i < a.rows; ++i) col[i] /= col[j];
    for (std::size_t k = j + 1; k < a.cols; ++k) {
      T* const to = a.col(k);
      const T factor = to[j];
      for (std::size_t i = j + 1; i < a.rows; ++i) to[i] -= factor * col[i];
    }
  }
}

template <class T>
void factor(View<T> a, std::span<std::size_t> pivots, std::size_t threads) {
  const std::size_t m = a.rows, n = a.cols;
  if (n <= panel) return factor_panel(a, pivots);
  const std::size_t half = n > 2 * panel ? round_up(n / 2, panel) : panel;
  const View<T> left = a.columns(0, half), right = a.columns(half, n - half);
  const View<T> lower_left = left.from_row(half, m - half);
  const View<T> lower_right = right.from_row(half, m - half);
  factor(left, pivots.first(half), threads);
  exchange_rows<T>(right, pivots.first(half));
  solve_unit_lower(left.from_row(0, half), right.from_row(0, half), threads);
  subtract_product(lower_left, right.from_row(0, half), lower_right, threads);
  const std::span<std::size_t> rest = pivots.subspan(half, n - half);
  factor(lower_right, rest, threads);
  exchange_rows<T>(lower_left, rest);
  for (std::size_t& pivot : rest) pivot += half;
}

template <class T>
LogAbsDet log_det(View<T> a, std::span<std::size_t> pivots, std::size_t threads) {
  assert(a.rows == a.cols);
  factor_lu(a, pivots, threads);
  LogAbsDet det{0, 1};
  for (std::size_t i = 0; i < a.cols; ++i) {
    const double u = static_cast<double>(a(i, i));
    if (u == 0) return {-std::numeric_limits<double>::infinity(), 0};
    det.log_abs += std::log(std::abs(u));
    if (std::signbit(u) != (pivots[i] != i)) det.sign = -det.sign;
  }
  return det;
}

}  // namespace

void factor_lu(View<float> a, std::span<std::size_t> pivots, std::size_t threads) {
  assert(a.rows >= a.cols && pivots.size() >= a.cols);
  factor(a, pivots.first(a.cols), threads);
}

void factor_lu(View<double> a, std::span<std::size_t> pivots, std::size_t threads) {
  assert(a.rows >= a.cols && pivots.size() >= a.cols);
  factor(a, pivots.first(a.cols), threads);
}

LogAbsDet log_abs_det(View<float> a, std::span<std::size_t> pivots, std::size_t threads) {
  return log_det(a, pivots, threads);
}

LogAbsDet log_abs_det(View<double> a, std::span<std::size_t> pivots, std::size_t threads) {
  return log_det(a, pivots, threads);
}

}  // namespace flow

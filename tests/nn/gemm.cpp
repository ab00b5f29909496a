// gemm against the triple loop: every transposition, ld > rows, sizes around the micro-kernels'.
#include "nn/gemm.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/parallel.h"
#include "matrix.h"

using namespace flow;

namespace {

template <class T>
T reference(Op op_a, View<const T> a, Op op_b, View<const T> b, std::size_t i, std::size_t j) {
  double sum = 0;
  for (std::size_t k = 0; k < (op_a == Op::as_is ? a.cols : a.rows); ++k)
    sum += double{op_a == Op::as_is ? a(i, k) : a(k, i)} *
           double{op_b == Op::as_is ? b(k, j) : b(j, k)};
  return static_cast<T>(sum);
}

template <class T>
void check(std::size_t m, std::size_t n, std::size_t k, Op op_a, Op op_b, T alpha, T beta) {
  const auto shape = [](Op op, std::size_t r, std::size_t c) {
    return op == Op::as_is ? std::pair{r, c} : std::pair{c, r};
  };
  const auto [ar, ac] = shape(op_a, m, k);
  const auto [br, bc] = shape(op_b, k, n);
  Matrix<T> a(ar, ac, 1), b(br, bc, 2), c(m, n, 3);
  if (beta == 0) c.fill(std::numeric_limits<T>::quiet_NaN());
  const Matrix<T> before = c;
  gemm(alpha, op_a, a.view(), op_b, b.view(), beta, c.view());
  const double bound =
      8 * std::sqrt(static_cast<double>(k + 1)) * std::numeric_limits<T>::epsilon();
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = 0; i < m; ++i) {
      double want = double{alpha} * reference<T>(op_a, a.view(), op_b, b.view(), i, j);
      if (beta != 0) want += double{beta} * before.view()(i, j);
      BOOST_TEST_REQUIRE(std::abs(c.view()(i, j) - want) <= bound * (1 + std::abs(want)));
    }
  BOOST_TEST(c.gap_untouched());
}

template <class T>
void check_all(std::size_t m, std::size_t n, std::size_t k) {
  for (Op op_a : {Op::as_is, Op::transposed})
    for (Op op_b : {Op::as_is, Op::transposed})
      for (T beta : {T{0}, T{1}, T{-0.5}})
        BOOST_TEST_CONTEXT(m << " x " << n << " x " << k << ", beta " << beta)
  check<T>(m, n, k, op_a, op_b, T{-2}, beta);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gemm_suite)

BOOST_AUTO_TEST_CASE(is_the_triple_loop) {
  for (std::size_t m : {1, 5, 16, 70})
    for (std::size_t n : {1, 7, 33})
      for (std::size_t k : {1, 6, 65}) check_all<float>(m, n, k), check_all<double>(m, n, k);
}

BOOST_AUTO_TEST_CASE(an_empty_sum_leaves_beta_c) {
  check_all<float>(3, 4, 0);
  check_all<double>(0, 4, 2);
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_the_bits) {
  constexpr std::size_t n = 150;
  Matrix<float> a(n, n, 1), b(n, n, 2), alone(n, n, 3), shared(n, n, 3);
  gemm(1.f, Op::as_is, a.view(), Op::as_is, b.view(), 0.f, alone.view(), 1);
  gemm(1.f, Op::as_is, a.view(), Op::as_is, b.view(), 0.f, shared.view(), 2);
  BOOST_TEST(alone.same_bits(shared));
  for_each_block(8, 2, [&](std::size_t, std::size_t) {
    Matrix<float> c(n, n, 3);
    gemm(1.f, Op::as_is, a.view(), Op::as_is, b.view(), 0.f, c.view());
    if (!c.same_bits(alone)) throw std::runtime_error("other bits inside a parallel region");
  });
}

BOOST_AUTO_TEST_SUITE_END()

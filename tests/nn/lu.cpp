// The recursive LU against LAPACK's, and against cases made by hand.
#include "nn/lu.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "matrix.h"

using namespace flow;

extern "C" void dgetrf_(const int* m, const int* n, double* a, const int* lda, int* pivots,
                        int* info);

namespace {

// The largest |P A - L U| over a's size.
template <class T>
double residual(View<const T> a, View<const T> lu, std::span<const std::size_t> pivots) {
  std::vector<std::size_t> row(a.rows);
  for (std::size_t i = 0; i < a.rows; ++i) row[i] = i;
  for (std::size_t i = 0; i < pivots.size(); ++i) std::swap(row[i], row[pivots[i]]);
  double worst = 0, size = 0;
  for (std::size_t j = 0; j < a.cols; ++j)
    for (std::size_t i = 0; i < a.rows; ++i) {
      double sum = i <= j ? double{lu(i, j)} : 0;
      for (std::size_t k = 0; k < std::min(i, j + 1); ++k) sum += double{lu(i, k)} * lu(k, j);
      worst = std::max(worst, std::abs(sum - double{a(row[i], j)}));
      size = std::max(size, std::abs(double{a(i, j)}));
    }
  return size > 0 ? worst / size : worst;
}

template <class T>
void check_factors(std::size_t m, std::size_t n) {
  const Matrix<T> a(m, n, 100 + n);
  Matrix<T> lu = a;
  std::vector<std::size_t> pivots(n);
  factor_lu(lu.view(), pivots);
  const double bound = 2 * static_cast<double>(n + 8) * std::numeric_limits<T>::epsilon();
  BOOST_TEST(residual<T>(a.view(), lu.view(), pivots) <= bound);
  BOOST_TEST(lu.gap_untouched());
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = j + 1; i < m; ++i) BOOST_TEST_REQUIRE(std::abs(lu.view()(i, j)) <= 1);
}

// 2 x 2 and the like, column by column.
template <class T>
LogAbsDet det_of(std::vector<T> a) {
  const auto n = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(a.size()))));
  std::vector<std::size_t> pivots(n);
  return log_abs_det(View<T>{a.data(), n, n, n}, pivots);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lu_suite)

BOOST_AUTO_TEST_CASE(every_size_gives_p_a_equal_l_u) {
  for (std::size_t n = 1; n <= 300; n += n < 70 ? 1 : 23) BOOST_TEST_CONTEXT("n = " << n) {
      check_factors<float>(n, n), check_factors<double>(n, n);
    }
  check_factors<float>(200, 1);
  check_factors<double>(130, 37);
}

BOOST_AUTO_TEST_CASE(every_size_is_lapacks) {
  for (std::size_t n = 1; n <= 300; ++n) {
    const Matrix<double> a(n, n, n);
    Matrix<double> ours = a, lapacks = a;
    std::vector<std::size_t> pivots(n);
    const LogAbsDet det = log_abs_det(ours.view(), pivots);
    const int size = static_cast<int>(n), ld = static_cast<int>(lapacks.view().ld);
    std::vector<int> ipiv(n);
    int info = -1;
    dgetrf_(&size, &size, lapacks.view().data, &ld, ipiv.data(), &info);
    BOOST_TEST_REQUIRE(info == 0);
    double want = 0;
    int sign = 1;
    for (std::size_t i = 0; i < n; ++i) {
      const double u = lapacks.view()(i, i);
      want += std::log(std::abs(u));
      sign *= (u < 0 ? -1 : 1) * (ipiv[i] != static_cast<int>(i + 1) ? -1 : 1);
      BOOST_TEST_REQUIRE(static_cast<std::size_t>(ipiv[i]) == pivots[i] + 1, "n = " << n);
    }
    BOOST_TEST(std::abs(det.log_abs - want) <= 1e-10, "n = " << n << ": " << det.log_abs);
    BOOST_TEST(det.sign == sign, "n = " << n);
    Matrix<float> single(n, n, n);  // the same random numbers, rounded
    BOOST_TEST(std::abs(log_abs_det(single.view(), pivots).log_abs - want) <= 2e-2, "n = " << n);
  }
}

BOOST_AUTO_TEST_CASE(small_determinants_by_hand) {
  BOOST_TEST(det_of<double>({}).log_abs == 0);
  BOOST_TEST(det_of<double>({}).sign == 1);
  BOOST_TEST(det_of<double>({-2}).log_abs == std::log(2));
  BOOST_TEST(det_of<double>({-2}).sign == -1);
  BOOST_TEST(det_of<float>({0, 1, 1, 0}).sign == -1);
  BOOST_TEST(det_of<float>({0, 1, 1, 0}).log_abs == 0);
  BOOST_TEST(det_of<double>({2, 1, 1, 2}).log_abs == std::log(3),
             boost::test_tools::tolerance(1e-15));
  BOOST_TEST(det_of<double>({0, 0, 1, 1, 0, 0, 0, 1, 0}).sign == 1);  // a cycle of three is even
}

BOOST_AUTO_TEST_CASE(a_singular_matrix_is_minus_infinity_and_never_nan) {
  const double minus_infinity = -std::numeric_limits<double>::infinity();
  for (std::size_t n : {1, 2, 9, 40, 200})
    for (std::size_t zero : {std::size_t{0}, n / 2, n - 1}) {
      Matrix<float> a(n, n, n);
      std::fill_n(a.view().col(zero), n, 0.f);
      std::vector<std::size_t> pivots(n);
      const LogAbsDet det = log_abs_det(a.view(), pivots);
      BOOST_TEST(det.log_abs == minus_infinity);
      BOOST_TEST(det.sign == 0);
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t i = 0; i < n; ++i) BOOST_TEST_REQUIRE(std::isfinite(a.view()(i, j)));
    }
}

BOOST_AUTO_TEST_CASE(subnormal_pivots_are_no_infinity) {
  const float tiny = std::numeric_limits<float>::denorm_min() * 8;
  const LogAbsDet det = det_of<float>({tiny, tiny / 2, 0, 1});
  BOOST_TEST(det.log_abs == std::log(double{tiny}), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(a_nan_stays_a_nan) {
  for (std::size_t at : {0u, 5u, 60u}) {
    Matrix<double> a(20, 20, 1);
    a.view()(at % 20, at / 20) = std::numeric_limits<double>::quiet_NaN();
    std::vector<std::size_t> pivots(20);
    BOOST_TEST(std::isnan(log_abs_det(a.view(), pivots).log_abs));
  }
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_the_bits) {
  constexpr std::size_t n = 600;
  Matrix<float> alone(n, n, 7), shared = alone;
  std::vector<std::size_t> pivots(n);
  factor_lu(alone.view(), pivots, 1);
  factor_lu(shared.view(), pivots, 2);
  BOOST_TEST(alone.same_bits(shared));
}

BOOST_AUTO_TEST_SUITE_END()

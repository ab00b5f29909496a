// Triangular products and solves against sums in long double, of all sizes.
#include "nn/triangular.h"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/aligned.h"
#include "core/random.h"
#include "kernels/kernels.h"

namespace flow::test {

namespace {

constexpr std::size_t rows = 2 * lanes;

// d x d, row by row, and rows of x; all normal numbers, the diagonal of an upper one 1.5, else 1.
enum class Triangle { lower, upper };

struct Triangular {
  Triangle which;
  std::vector<real> w;
  Aligned<real> numbers;
  Mat x, y;

  Triangular(Triangle triangle, std::size_t d)
      : which(triangle),
        w(d * d),
        numbers(2 * rows * d),
        x{numbers.data(), rows, d, rows},
        y{numbers.data() + rows * d, rows, d, rows} {
    std::vector<double> draw(rows * d + d * d);
    Random(2, Stream::test).normal(d, draw);
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < d; ++j)
        if (i == j)
          w[i * d + j] = which == Triangle::lower ? 1 : real(1.5);
        else if ((j < i) == (which == Triangle::lower))
          w[i * d + j] = static_cast<real>(draw[i * d + j] / std::sqrt(static_cast<double>(d)));
    for (std::size_t k = 0; k < rows * d; ++k) x.data[k] = static_cast<real>(draw[d * d + k]);
  }
  std::vector<long double> times(const std::vector<long double>& a) const {
    std::vector<long double> b(a.size());
    for (std::size_t i = 0; i < a.size(); ++i)
      for (std::size_t j = 0; j < a.size(); ++j)
        b[i] += static_cast<long double>(w[i * a.size() + j]) * a[j];
    return b;
  }
  std::vector<long double> solved(std::vector<long double> b) const {
    const std::size_t d = b.size();
    for (std::size_t n = 0; n < d; ++n) {
      const std::size_t i = which == Triangle::lower ? n : d - 1 - n;
      for (std::size_t j = 0; j < d; ++j)
        if (j != i) b[i] -= static_cast<long double>(w[i * d + j]) * b[j];
      b[i] /= static_cast<long double>(w[i * d + i]);
    }
    return b;
  }
  // The worst error of b = W a, in eps times the sum of what is added.
  double error(CMat a, CMat b) const {
    double worst = 0;
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t i = 0; i < a.cols; ++i) {
        long double sum = 0, size = 0;
        for (std::size_t j = 0; j < a.cols; ++j) {
          const long double product =
              static_cast<long double>(w[i * a.cols + j]) * static_cast<long double>(a(r, j));
          sum += product, size += std::abs(product);
        }
        const long double e = std::abs(sum - static_cast<long double>(b(r, i)));
        const long double unit = size * std::numeric_limits<real>::epsilon();
        worst = std::max(worst, static_cast<double>(e / unit));
      }
    return worst;
  }
};

std::vector<long double> numbers_of(CMat x, std::size_t row) {
  std::vector<long double> numbers;
  for (std::size_t j = 0; j < x.cols; ++j) numbers.push_back(static_cast<long double>(x(row, j)));
  return numbers;
}

BOOST_AUTO_TEST_SUITE(triangular)

BOOST_AUTO_TEST_CASE(products_and_solves_of_all_sizes) {
  for (std::size_t d = 1; d <= 70; ++d) {
    Triangular t(Triangle::upper, d);
    ParamTable table;
    const UpperProduct product(d, table);
    Aligned<real> derived(table.derived_size());
    product.prepare(t.w.data(), derived.data());
    fill(t.y, std::numeric_limits<real>::quiet_NaN());
    const Frame f(rows, nullptr, derived.data(), nullptr, {}, {});
    product.forward(t.x, t.y, f);
    BOOST_TEST(t.error(t.x, t.y) < 2.5, "product of " << d);  // 2.9 in one sum
    copy(t.y, t.x);
    kernels().solve_upper(t.w.data(), t.x);
    BOOST_TEST(t.error(t.x, t.y) < 1.5, "solve of " << d << ": " << t.error(t.x, t.y));
  }
}

// One rounding, of the sums in double, which are far better than that in single precision.
BOOST_AUTO_TEST_CASE(both_triangles_at_once_are_rounded_once) {
  const auto is_rounded = [](real found, long double exact) {
    const long double one = std::numeric_limits<real>::epsilon() / 2 * std::abs(exact);
    BOOST_TEST(std::abs(static_cast<long double>(found) - exact) <= 1.01L * one + 1e-11L);
  };
  for (std::size_t d = 1; d <= 70; d += 3) {
    const Triangular lower(Triangle::lower, d), upper(Triangle::upper, d);
    Triangular t(Triangle::upper, d);
    Aligned<double> strip(4 * lanes * d);
    kernels().multiply_lu(lower.w.data(), upper.w.data(), t.x, t.y, strip.data());
    for (std::size_t r = 0; r < rows; ++r) {
      const auto y = upper.times(numbers_of(upper.x, r)), z = lower.times(y);
      for (std::size_t i = 0; i < d; ++i) is_rounded(t.y(r, i), y[i]), is_rounded(t.x(r, i), z[i]);
    }
    copy(upper.x, t.x);
    kernels().solve_lu(lower.w.data(), upper.w.data(), t.x, strip.data());
    for (std::size_t r = 0; r < rows; ++r) {
      const auto x = upper.solved(lower.solved(numbers_of(upper.x, r)));
      for (std::size_t i = 0; i < d; ++i) is_rounded(t.x(r, i), x[i]);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

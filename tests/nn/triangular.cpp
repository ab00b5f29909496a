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

// d x d, row by row, and rows of x; all normal numbers, the matrix with a diagonal of ones.
struct Triangular {
  std::vector<real> w;
  Aligned<real> numbers;
  Mat x, y;

  Triangular(Triangle which, std::size_t d)
      : w(d * d),
        numbers(2 * rows * d),
        x{numbers.data(), rows, d, rows},
        y{numbers.data() + rows * d, rows, d, rows} {
    std::vector<double> draw(rows * d + d * d);
    Random(2, Stream::test).normal(d, draw);
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < d; ++j)
        if (i == j)
          w[i * d + j] = 1;
        else if ((j < i) == (which == Triangle::lower))
          w[i * d + j] = static_cast<real>(draw[i * d + j] / std::sqrt(static_cast<double>(d)));
    for (std::size_t k = 0; k < rows * d; ++k) x.data[k] = static_cast<real>(draw[d * d + k]);
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

BOOST_AUTO_TEST_SUITE(triangular)

BOOST_AUTO_TEST_CASE(products_and_solves_of_all_sizes) {
  for (const Triangle which : {Triangle::lower, Triangle::upper})
    for (std::size_t d = 1; d <= 70; ++d) {
      Triangular t(which, d);
      ParamTable table;
      const TriangularProduct product(which, d, table);
      Aligned<real> derived(table.derived_size());
      product.prepare(t.w.data(), derived.data());
      fill(t.y, std::numeric_limits<real>::quiet_NaN());
      const Frame f(rows, nullptr, derived.data(), nullptr, {}, {});
      product.forward(t.x, t.y, f);
      BOOST_TEST(t.error(t.x, t.y) < 2.5, "product of " << d);  // 2.9 in one sum
      copy(t.y, t.x);
      (which == Triangle::lower ? kernels().solve_lower : kernels().solve_upper)(t.w.data(), t.x);
      BOOST_TEST(t.error(t.x, t.y) < 1.5, "solve of " << d << ": " << t.error(t.x, t.y));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

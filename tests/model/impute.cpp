// Missing cells drawn given the others, where the conditional density is known.
#include "model/impute.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

namespace flow::test {

namespace {

constexpr real nan = std::numeric_limits<real>::quiet_NaN();

// x_1 = z_1, x_2 = 2 x_1 + z_2: x_1 given x_2 = v is N(2 v / 5, 1 / 5), x_2 given x_1 = v N(2 v,
// 1).
Model correlated() {
  Model m;
  m.config = Config::parse("model: {net: {hidden: []}, layers: [{kind: affine-autoregressive}]}\n",
                           "model.yaml");
  m.data.shape.columns = 2, m.data.marginal = true;
  build(m);
  m.theta.resize(m.table.size());
  m.table.start(m.theta, 0);
  for (const auto& e : m.table.entries())
    if (e.name.ends_with("net/0/weight"))  // the shift of column 2, of (mask, x_1, x_2)
      m.theta[e.param.offset + 3 * e.param.cols + 2] = -2;
  return m;
}

// The values that cell j of many copies of a row was filled with.
std::vector<double> filled(const std::vector<real>& row, std::size_t j, std::size_t threads = 1,
                           std::size_t first = 0, std::size_t n = 20000) {
  const Model m = correlated();
  std::vector<real> rows;
  for (std::size_t i = 0; i < n; ++i) rows.insert(rows.end(), row.begin(), row.end());
  Imputer(m, Random(1, Stream::sample), threads).fill(rows, first);
  std::vector<double> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<double>(rows[i * row.size() + j]));
  return out;
}

// Within 4.5 standard errors.
void check_normal(const std::vector<double>& values, double mean, double variance) {
  const double n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (double v : values) sum += v, squares += (v - mean) * (v - mean);
  BOOST_TEST(std::abs(sum / n - mean) < 4.5 * std::sqrt(variance / n));
  BOOST_TEST(std::abs(squares / n - variance) < 4.5 * variance * std::sqrt(2 / n));
}

BOOST_AUTO_TEST_SUITE(impute)

BOOST_AUTO_TEST_CASE(draws_follow_the_conditional_density) {
  check_normal(filled({nan, real(1.5), 0, 1}, 0), 0.6, 0.2);
  check_normal(filled({nan, real(-4), 0, 1}, 0), -1.6, 0.2);
  check_normal(filled({real(0.75), nan, 1, 0}, 1), 1.5, 1);
}

BOOST_AUTO_TEST_CASE(of_a_row_without_cells_all_are_drawn) {
  const std::vector<real> row = {nan, nan, 0, 0};
  check_normal(filled(row, 0), 0, 1);
  check_normal(filled(row, 1), 0, 5);
}

BOOST_AUTO_TEST_CASE(a_row_depends_on_its_number_alone) {
  const std::vector<real> row = {nan, real(1.5), 0, 1};
  const std::vector<double> whole = filled(row, 0, 1, 0, 2000), part = filled(row, 0, 2, 1300, 700);
  BOOST_TEST(std::equal(part.begin(), part.end(), whole.begin() + 1300));
  BOOST_TEST(whole[0] != whole[1]);
}

BOOST_AUTO_TEST_CASE(nothing_follows_from_what_has_density_zero) {
  const real inf = std::numeric_limits<real>::infinity();
  for (double v : filled({nan, inf, 0, 1}, 0, 1, 0, 20)) BOOST_TEST(std::isnan(v));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

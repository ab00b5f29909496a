// The Gaussian that a flow is compared with, against densities that are known.
#include "train/gaussian.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/random.h"

namespace flow::test {

namespace {

// Rows (u, u + v / 2, 3 + w) of standard normal u, v, w: its entropy is
// 3/2 ln(2 pi e) + ln(1/2).
std::vector<real> correlated(std::size_t n, std::uint64_t seed) {
  std::vector<real> rows;
  std::vector<double> u(3);
  for (std::size_t i = 0; i < n; ++i) {
    Random(seed, Stream::test).normal(i, u);
    for (double v : {u[0], u[0] + u[1] / 2, 3 + u[2]}) rows.push_back(static_cast<real>(v));
  }
  return rows;
}

const double entropy = 1.5 * std::log(2 * std::numbers::pi * std::numbers::e) + std::log(0.5);

BOOST_AUTO_TEST_SUITE(gaussian)

BOOST_AUTO_TEST_CASE(of_a_gaussian_it_has_the_entropy) {
  const Dataset train(correlated(20000, 1), 3, false, 0), test(correlated(20000, 2), 3, false, 0);
  const auto mean = gaussian_log_density(train, test, 3);
  BOOST_REQUIRE(mean);
  BOOST_TEST(std::abs(*mean + entropy) < 0.03);  // deviation of a row's: 1.2
}

BOOST_AUTO_TEST_CASE(context_is_left_out_and_weights_count) {
  std::vector<real> rows = correlated(6000, 3), beside;
  std::vector<double> weights;
  for (std::size_t i = 0; i < 6000; ++i) {
    const bool far = i % 3 == 0;  // of weight almost 0
    for (std::size_t j = 0; j < 3; ++j) beside.push_back(rows[3 * i + j] + (far ? 50 : 0));
    beside.push_back(real(7e5));
    weights.push_back(far ? 1e-9 : 2);
  }
  const Dataset train(beside, 3, false, 0, {}, 1, weights);
  const Dataset test(correlated(6000, 4), 3, false, 0);
  const auto mean = gaussian_log_density(train, test, 3);
  BOOST_REQUIRE(mean);
  BOOST_TEST(std::abs(*mean + entropy) < 0.06);
}

BOOST_AUTO_TEST_CASE(there_is_none_without_rows_or_with_missing_cells) {
  std::vector<real> rows = correlated(100, 5);
  const Dataset whole(rows, 3, false, 0), few(correlated(3, 5), 3, false, 0);
  BOOST_TEST(!gaussian_log_density(few, whole, 3));
  rows[17] = std::numeric_limits<real>::quiet_NaN();
  const Dataset missing(rows, 3, false, 0);
  BOOST_TEST(!gaussian_log_density(missing, whole, 3));
  BOOST_TEST(!gaussian_log_density(whole, missing, 3));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

// The Gaussian and the mixtures that a flow is compared with, against densities that are known.
#include "train/rivals.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/random.h"

namespace flow::test {

namespace {

// Rows (u, u + v / 2, 3 + w) of standard normal u, v, w: its entropy is 3/2 ln(2 pi e) + ln(1/2).
// apart: every third row is moved by so much in all columns.
std::vector<real> correlated(std::size_t n, std::uint64_t seed, double apart = 0) {
  std::vector<real> rows;
  std::vector<double> u(3);
  for (std::size_t i = 0; i < n; ++i) {
    Random(seed, Stream::test).normal(i, u);
    const double by = i % 3 == 0 ? apart : 0;
    for (double v : {u[0], u[0] + u[1] / 2, 3 + u[2]}) rows.push_back(static_cast<real>(v + by));
  }
  return rows;
}

const double entropy = 1.5 * std::log(2 * std::numbers::pi * std::numbers::e) + std::log(0.5);

// The rivals of a flow that has the same log-density at every row.
std::vector<Rival> rivals_of(const Dataset& train, const Dataset& test, double flow = 0) {
  return rivals(train, test, 3, std::vector<double>(test.rows(), flow));
}

BOOST_AUTO_TEST_SUITE(rival)

BOOST_AUTO_TEST_CASE(of_a_gaussian_each_has_the_entropy) {
  const Dataset train(correlated(20000, 1), 3, false, 0), test(correlated(20000, 2), 3, false, 0);
  const auto all = rivals_of(train, test, -1);
  BOOST_REQUIRE(all.size() == 2U);
  BOOST_TEST((all[0].components == 1 && all[1].components == 2));
  for (const Rival& r : all) {
    BOOST_TEST(std::abs(r.mean + entropy) < 0.03);  // deviation of a row's: 1.2
    BOOST_TEST(std::abs(r.lead.mean - (-1 - r.mean)) < 1e-9);
    BOOST_TEST(std::abs(r.lead.error() - 1.22 / std::sqrt(20000)) < 0.001);
  }
}

BOOST_AUTO_TEST_CASE(a_mixture_finds_what_lies_apart) {
  const Dataset train(correlated(6000, 1, 20), 3, false, 0),
      test(correlated(6000, 2, 20), 3, false, 0);
  const auto all = rivals_of(train, test);
  BOOST_REQUIRE(all.size() == 2U);
  const double shares = (std::log(3.) + 2 * std::log(1.5)) / 3;  // the entropy of which part it is
  BOOST_TEST(std::abs(all[1].mean + entropy + shares) < 0.06);
  BOOST_TEST(all[0].mean < all[1].mean - 1);
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
  const auto all = rivals_of(train, test);
  BOOST_REQUIRE(all.size() == 2U);
  for (const Rival& r : all) BOOST_TEST(std::abs(r.mean + entropy) < 0.06);
}

BOOST_AUTO_TEST_CASE(rows_out_of_the_support_of_the_flow_are_left_out) {
  const Dataset rows(correlated(300, 5), 3, false, 0);
  std::vector<double> scores(300, 0);
  scores[7] = -std::numeric_limits<double>::infinity();
  for (const Rival& r : rivals(rows, rows, 3, scores)) {
    BOOST_TEST(r.lead.rows == 299U);
    BOOST_TEST(std::isfinite(r.lead.mean));
  }
}

BOOST_AUTO_TEST_CASE(ties_do_not_make_a_mixture_grow_without_bound) {
  std::vector<real> rows = correlated(300, 6);
  for (std::size_t i = 0; i < 300; i += 2) rows[3 * i] = 0;
  const Dataset tied(rows, 3, false, 0);
  const auto all = rivals_of(tied, tied);
  BOOST_REQUIRE(all.size() == 2U);
  BOOST_TEST(all[1].mean < all[0].mean + 4);
}

BOOST_AUTO_TEST_CASE(there_is_none_without_rows) {
  const Dataset whole(correlated(19, 5), 3, false, 0), few(correlated(3, 5), 3, false, 0);
  BOOST_TEST(rivals_of(few, whole).empty());
  BOOST_TEST(rivals_of(whole, whole).size() == 1U);  // a mixture takes 20 rows
}

// v is missing where u > 0: the mean of the second column of those rows is seen in none of them.
BOOST_AUTO_TEST_CASE(a_gaussian_is_fitted_to_the_cells_that_are_there) {
  const real nan = std::numeric_limits<real>::quiet_NaN();
  std::vector<real> rows = correlated(20000, 1);
  for (std::size_t i = 0; i < 20000; ++i)
    if (rows[3 * i] > 0) rows[3 * i + 1] = nan;
  const Dataset gaps(rows, 3, false, 0), whole(correlated(20000, 2), 3, false, 0);
  const auto all = rivals_of(gaps, whole);
  BOOST_REQUIRE(all.size() == 1U);
  BOOST_TEST(std::abs(all[0].mean + entropy) < 0.03);

  std::vector<real> third(rows);  // a row of which one cell is there has the density of that cell
  for (std::size_t i = 0; i < 20000; ++i) third[3 * i] = third[3 * i + 1] = nan;
  const auto one = rivals_of(gaps, Dataset(third, 3, false, 0));
  BOOST_REQUIRE(one.size() == 1U);
  BOOST_TEST(std::abs(one[0].mean + 0.5 * std::log(2 * std::numbers::pi * std::numbers::e)) < 0.02);
  for (std::size_t i = 0; i < 20000; ++i) rows[3 * i] = nan;
  BOOST_TEST(rivals_of(Dataset(rows, 3, false, 0), whole).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

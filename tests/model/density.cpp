// The density of integers by draws of their noise, for one column under a standard normal.
#include "model/density.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

#include "data/dequantise.h"

namespace flow::test {

namespace {

// z = x.
Model plain_normal() {
  Model m;
  m.config =
      Config::parse("model: {base: normal, layers: [{kind: rescale, low: 0, high: 1}]}\n", "c");
  m.data.shape.columns = 1, m.data.shape.dims = {1};
  m.data.dequantise = true, m.data.low = -8, m.data.high = 8;
  build(m);
  m.theta.resize(m.table.size());
  m.table.start(m.theta, 0);
  return m;
}

std::vector<double> scores(Density& density, const std::vector<double>& rows, std::uint32_t draws,
                           std::uint64_t first_row = 0) {
  std::vector<double> logp;
  density.log_density(rows, first_row, 3, "rows", logp, draws);
  return logp;
}

double normal_density(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi); }

double normal_share(double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; }

std::vector<Model> one_model() {
  std::vector<Model> models;
  models.push_back(plain_normal());
  return models;
}

BOOST_AUTO_TEST_SUITE(density)

BOOST_AUTO_TEST_CASE(one_draw_is_the_noise_of_validation) {
  Density density(one_model(), {"m"}, 1);
  const std::vector<double> rows{-2, 0, 1, 5};
  std::vector<double> noisy = rows;
  dequantise(std::span<double>(noisy), 1, 0, 3, 0);
  const std::vector<double> logp = scores(density, rows, 1);
  for (std::size_t i = 0; i < rows.size(); ++i)
    BOOST_TEST(logp[i] == std::log(normal_density(noisy[i])), boost::test_tools::tolerance(1e-6));
}

// The mean density over the noise is the probability of the integer.
BOOST_AUTO_TEST_CASE(many_draws_come_to_the_probability) {
  Density density(one_model(), {"m"}, 1);
  const std::vector<double> rows{-2, 0, 1, 2};
  const std::vector<double> logp = scores(density, rows, 20000);
  for (std::size_t i = 0; i < rows.size(); ++i)
    BOOST_TEST(logp[i] == std::log(normal_share(rows[i] + 1) - normal_share(rows[i])),
               boost::test_tools::tolerance(0.01));
}

BOOST_AUTO_TEST_CASE(the_mean_rises_with_the_draws) {
  Density density(one_model(), {"m"}, 2);
  const std::vector<double> rows(4000, 1.0);
  double last = -INFINITY;
  for (const std::uint32_t draws : {1u, 2u, 4u, 16u, 64u}) {
    const std::vector<double> logp = scores(density, rows, draws);
    const double mean = std::accumulate(logp.begin(), logp.end(), 0.0) / 4000;
    BOOST_TEST(mean > last);
    BOOST_TEST(mean < std::log(normal_share(2) - normal_share(1)) + 1e-3);
    last = mean;
  }
}

BOOST_AUTO_TEST_CASE(a_row_depends_on_its_number_alone) {
  Density density(one_model(), {"m"}, 2), again(one_model(), {"m"}, 1);
  const std::vector<double> rows(300, 1.0);
  const std::vector<double> all = scores(density, rows, 5);
  for (const std::size_t first : {0u, 7u, 299u}) {
    const std::vector<double> some(rows.begin() + static_cast<std::ptrdiff_t>(first), rows.end());
    const std::vector<double> logp = scores(again, some, 5, first);
    BOOST_TEST(
        std::equal(logp.begin(), logp.end(), all.begin() + static_cast<std::ptrdiff_t>(first)));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

// The conditional densities of columns under an autoregressive flow.
#include "flow/conditionals.h"

#include <boost/test/unit_test.hpp>

#include "core/error.h"
#include "flow/model.h"

namespace flow::test {

namespace {

const char* const ordered = R"(
net: {hidden: [9], activation: tanh}
layers:
  - kind: standardise
  - {kind: permute, order: random}
  - {kind: permute, order: reverse}
  - {kind: affine-autoregressive, gain: soft-clip, bound: 1}
  - kind: actnorm
  - {kind: spline-autoregressive, bins: 4}
  - {kind: mixture-autoregressive, components: 2, direction: inverse}
  - kind: batch-norm
)";

std::vector<double> conditionals(const Model& m, const std::vector<real>& rows,
                                 std::size_t threads = 1) {
  std::vector<double> out(rows.size());
  Conditionals(*m.flow, m.table, m.theta, threads)
      .log_density(rows.data(), rows.size() / m.flow->columns(), out);
  return out;
}

BOOST_AUTO_TEST_SUITE(of_columns)

BOOST_AUTO_TEST_CASE(they_sum_to_the_log_density) {
  constexpr std::size_t d = 5, n = block_rows + 21;
  const Model m(ordered, d, 0.3);
  const std::vector<real> rows = normal_rows(n, d);
  const std::vector<double> parts = conditionals(m, rows), logp = m.log_density(rows);
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < d; ++j) sum += parts[i * d + j];
    BOOST_TEST(std::abs(sum - logp[i]) < (sizeof(real) == 8 ? 1e-10 : 1e-3));
  }
  BOOST_TEST(conditionals(m, rows, 3) == parts);
}

// Each depends on its column and those before it in the order, and integrates to 1 over its own.
BOOST_AUTO_TEST_CASE(each_is_a_density_given_the_columns_before) {
  constexpr std::size_t d = 3, steps = 4000;
  const Model m(ordered, d, 0.3);
  const std::vector<std::size_t> order = Conditionals(*m.flow, m.table, m.theta, 1).order();
  const std::vector<real> row = {real(0.3), real(-0.7), real(1.1)};
  for (std::size_t k = 0; k < d; ++k) {
    constexpr double low = -60, step = 120.0 / steps;
    std::vector<real> rows;
    for (std::size_t i = 0; i < steps; ++i) {
      rows.insert(rows.end(), row.begin(), row.end());
      rows[i * d + order[k]] = static_cast<real>(low + step * static_cast<double>(i));
    }
    const std::vector<double> parts = conditionals(m, rows);
    double sum = 0;
    for (std::size_t i = 0; i < steps; ++i) {
      sum += std::exp(parts[i * d + order[k]]) * step;
      for (std::size_t before = 0; before < k; ++before)
        BOOST_TEST(parts[i * d + order[before]] == parts[order[before]]);
    }
    BOOST_TEST(std::abs(sum - 1) < (sizeof(real) == 8 ? 1e-4 : 1e-3), "column " << order[k]);
  }
}

BOOST_AUTO_TEST_CASE(others_are_refused_with_the_layer) {
  const auto refused = [](const std::string& yaml, const char* why) {
    const Model m(yaml, 3, 0);
    try {
      Conditionals(*m.flow, m.table, m.theta, 1);
    } catch (const Error& e) {
      return std::string(e.what()).find(why) != std::string::npos;
    }
    return false;
  };
  const std::string layer = "{kind: affine-autoregressive}";
  BOOST_TEST(refused("layers: [{kind: actnorm}, {kind: linear}]\n", "01-linear mixes"));
  BOOST_TEST(refused("layers: [{kind: affine-coupling}]\n", "00-affine-coupling mixes"));
  const std::string turned = "layers: [" + layer + ", {kind: permute, order: reverse}";
  BOOST_TEST(refused(turned + ", " + layer + "]\n", "02-affine-autoregressive takes"));
  BOOST_TEST(refused(turned + "]\n", "another order"));
  BOOST_TEST(refused("base: student-t\nlayers: [" + layer + "]\n", "base"));
  BOOST_TEST(!refused(turned + ", {kind: permute, order: reverse}, " + layer + "]\n", ""));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

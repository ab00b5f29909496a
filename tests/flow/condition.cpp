// The condition estimate against flows whose Jacobian is known.
#include "flow/condition.h"

#include <boost/test/unit_test.hpp>

#include "flow/model.h"

namespace flow::test {

namespace {

// Of a diagonal flow x_j exp(s_j) over rows whose columns have these deviations.
double estimate(const std::vector<double>& s, const std::vector<double>& deviation) {
  Model m("layers: [{kind: diagonal}]", s.size(), 0);
  for (std::size_t j = 0; j < s.size(); ++j) m.theta[j] = static_cast<real>(s[j]);
  std::vector<double> draws(200 * s.size());
  Random(3, Stream::test).normal(0, draws);
  std::vector<real> rows;
  for (std::size_t k = 0; k < draws.size(); ++k)
    rows.push_back(static_cast<real>(5 + draws[k] * deviation[k % s.size()]));
  Evaluator evaluator(*m.flow, m.table, m.theta, 2);
  return condition(evaluator, *m.flow, rows);
}

BOOST_AUTO_TEST_SUITE(conditions)

BOOST_AUTO_TEST_CASE(a_flow_that_standardises_has_condition_one) {
  // Up to what four probes of 40 columns scatter, and float32 rounds over a step of 0.01.
  const std::vector<double> s(40, -2), deviation(40, std::exp(2.0));
  const double c = estimate(s, deviation);
  BOOST_TEST((c > 0.9 && c < 1.6), c);
}

BOOST_AUTO_TEST_CASE(it_is_the_product_of_both_norms) {
  // Half of the columns ten times larger: sqrt((1 + 100) / 2) sqrt((1 + 0.01) / 2) = 5.05.
  std::vector<double> s(40, 0), deviation(40, 1);
  for (std::size_t j = 0; j < 40; j += 2) s[j] = std::log(10.0);
  const double c = estimate(s, deviation);
  BOOST_TEST((c > 4.5 && c < 8), c);
}

BOOST_AUTO_TEST_CASE(units_of_the_file_do_not_count) {
  std::vector<double> s(40, 0), deviation(40, 1), other = s, scaled = deviation;
  for (std::size_t j = 0; j < 40; j += 2) scaled[j] = 100, other[j] = -std::log(100.0);
  BOOST_TEST(std::abs(estimate(other, scaled) / estimate(s, deviation) - 1) < 0.2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

// Fits of known powers, and Student's t against its tables.
#include "logdet/fit.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

using namespace flow;

BOOST_AUTO_TEST_SUITE(fit_suite)

BOOST_AUTO_TEST_CASE(a_pure_power_is_found) {
  const std::vector<double> n{512, 784, 1024, 2048};
  for (const double power : {-0.5, 0.0, 1.0, 2.7}) {
    std::vector<double> t;
    for (const double v : n) t.push_back(3e-9 * std::pow(v, power));
    const Fit fit = fit_power(n, t);
    BOOST_TEST(std::abs(fit.slope - power) <= 1e-12);
    BOOST_TEST(fit.high - fit.low <= 1e-6);
    BOOST_TEST(fit.at(4096) == 3e-9 * std::pow(4096, power), boost::test_tools::tolerance(1e-10));
    BOOST_TEST(fit.points == 4u);
  }
}

// By hand: ln n = 0, 1, 2 and ln t = 0, 1, 4 give the line -1/3 + 2 x, the residuals 1/3, -2/3,
// 1/3, and with one degree of freedom t = 12.706.
BOOST_AUTO_TEST_CASE(the_interval_is_students) {
  const double e = std::exp(1);
  const std::vector<double> n{1, e, e * e}, t{1, e, e * e * e * e};
  const Fit fit = fit_power(n, t);
  BOOST_TEST(fit.slope == 2, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(fit.log_scale == -1.0 / 3, boost::test_tools::tolerance(1e-12));
  const double error = std::sqrt(6.0 / 9) / std::sqrt(2);
  BOOST_TEST(fit.high - fit.slope == 12.7062 * error, boost::test_tools::tolerance(1e-5));
  BOOST_TEST(fit.slope - fit.low == 12.7062 * error, boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(students_table) {
  const std::pair<std::size_t, double> table[] = {{1, 12.7062},  {2, 4.30265},  {3, 3.18245},
                                                  {4, 2.77645},  {5, 2.57058},  {10, 2.22814},
                                                  {31, 2.03951}, {120, 1.97993}};
  for (const auto& [degrees, t] : table)
    BOOST_TEST(student_95(degrees) == t, boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(few_points_claim_nothing) {
  const std::vector<double> n{2, 4}, t{1, 8};
  const Fit two = fit_power(n, t);
  BOOST_TEST(two.slope == 3, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::isinf(two.high));
  BOOST_TEST(fit_power({n.data(), 1}, {t.data(), 1}).points == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

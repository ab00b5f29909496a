// Lines between latents: their ends, their length, what has no circle.
#include "flow/interpolate.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

namespace flow::test {

namespace {

std::vector<real> between(const std::vector<real>& a, const std::vector<real>& b, double t) {
  std::vector<real> out(a.size());
  interpolate(a, b, t, out);
  return out;
}

double norm(const std::vector<real>& v) {
  double square = 0;
  for (const real x : v) square += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(square);
}

BOOST_AUTO_TEST_SUITE(interpolation)

BOOST_AUTO_TEST_CASE(it_begins_and_ends_where_it_should) {
  const std::vector<real> a{real(0.3), -2, 5}, b{1, real(0.7), -4};
  BOOST_TEST(between(a, b, 0) == a, boost::test_tools::per_element());
  BOOST_TEST(between(a, b, 1) == b, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(equal_lengths_stay_and_angles_are_equal) {
  const std::vector<real> a{3, 0, 4}, b{0, 5, 0};
  for (int k = 0; k <= 6; ++k) {
    const std::vector<real> z = between(a, b, k / 6.0);
    BOOST_TEST(norm(z) == 5, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(static_cast<double>(z[1]) / 5 == std::sin(k * std::acos(-1) / 12),
               boost::test_tools::tolerance(1e-6));
  }
}

BOOST_AUTO_TEST_CASE(without_a_circle_the_line_is_straight) {
  const std::vector<real> zero{0, 0}, b{2, 4}, same{4, 8}, opposite{-2, -4};
  BOOST_TEST(between(zero, b, 0.25) == (std::vector<real>{real(0.5), 1}),
             boost::test_tools::per_element());
  BOOST_TEST(between(b, same, 0.5) == (std::vector<real>{3, 6}), boost::test_tools::per_element());
  BOOST_TEST(between(b, opposite, 0.75) == (std::vector<real>{-1, -2}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lines_stand_one_behind_the_other_and_context_goes_straight) {
  // Two lines of rows of two columns and one of context.
  const std::vector<real> ends{1, 0, 10, 0, 1, 20, 0, 3, -1, 3, 0, -1};
  const std::vector<real> rows = interpolate_lines(ends, 2, 3, 3);
  BOOST_REQUIRE(rows.size() == 2 * 3 * 3u);
  const real half = static_cast<real>(std::sqrt(0.5));
  const std::vector<real> wanted{1, 0, 10, half,     half,     15, 0, 1, 20,
                                 0, 3, -1, 3 * half, 3 * half, -1, 3, 0, -1};
  for (std::size_t i = 0; i < rows.size(); ++i) BOOST_TEST(std::abs(rows[i] - wanted[i]) < 1e-5, i);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

// Levels of pixels: which numbers are some, what few bits make of them, and the way back.
#include "data/levels.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

using namespace flow;

BOOST_AUTO_TEST_SUITE(levels)

BOOST_AUTO_TEST_CASE(five_bits_are_eighths) {
  const Levels five{256, 5};
  BOOST_TEST(five.kept() == 32u);
  for (int x = 0; x < 256; ++x) BOOST_TEST(to_level(five, x) == static_cast<real>(x / 8));
  BOOST_TEST(from_level(five, 0) == 0);
  BOOST_TEST(from_level(five, 31) == 255);
}

BOOST_AUTO_TEST_CASE(a_level_comes_back_as_itself) {
  for (std::size_t bits = 0; bits <= 8; ++bits) {
    const Levels l{256, bits};
    double last = -1;
    for (std::size_t k = 0; k < l.kept(); ++k) {
      const double x = from_level(l, static_cast<double>(k));
      BOOST_TEST((x > last && x <= 255));
      BOOST_TEST(to_level(l, x) == static_cast<real>(k));
      last = x;
    }
    BOOST_TEST(last == 255);
  }
}

BOOST_AUTO_TEST_CASE(other_numbers_are_named) {
  const Levels l{17, 0};
  BOOST_TEST(to_level(l, 16) == 16);
  for (const double x : {-1.0, 17.0, 3.5, -0.5, double(NAN), double(INFINITY)})
    BOOST_TEST(std::isnan(to_level(l, x)));
  const std::vector<std::size_t> grey{2, 3}, colour{1, 2, 3}, table{6};
  const std::vector<double> row{0, 16, NAN, 3, 17, 18};
  BOOST_TEST(misfit(l, grey, row) == "pixel (2, 2) is 17; levels are 0 to 16");
  BOOST_TEST(misfit(l, colour, row) == "pixel (1, 2, 2) is 17; levels are 0 to 16");
  BOOST_TEST(misfit(l, table, row) == "column 5 is 17; levels are 0 to 16");
  BOOST_TEST(misfit({256, 5}, grey, row).empty());
  BOOST_TEST(misfit({}, grey, row).empty());
}

BOOST_AUTO_TEST_SUITE_END()

// Curves in the terminal: every value has its mark, at its height.
#include "info/curve.h"

#include <stdlib.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

using namespace flow;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(curves)

BOOST_AUTO_TEST_CASE(a_ramp_climbs) {
  const std::vector<double> values{0, 1, 2, 3, 4, 5};
  const auto lines = lines_of(draw_curve(values, true, {6, 2}));
  BOOST_REQUIRE(lines.size() == 2u);
  BOOST_TEST(lines[0] == "         5 |   .:#");
  BOOST_TEST(lines[1] == "         0 |.:####");
  const auto blocks = lines_of(draw_curve(values, false, {6, 1}));
  BOOST_REQUIRE(blocks.size() == 1u);
  BOOST_TEST(blocks[0] == "         5 |▁▂▄▅▇█");
}

BOOST_AUTO_TEST_CASE(many_values_are_averaged_and_gaps_stay) {
  std::vector<double> values(1000, 1);
  for (std::size_t i = 500; i < 1000; ++i) values[i] = 2;
  const auto lines = lines_of(draw_curve(values, true, {10, 1}));
  BOOST_TEST(lines[0] == "         2 |.....#####");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  BOOST_TEST(draw_curve(std::vector<double>{1, nan, 2}, true, {3, 1}) == "         2 |. #\n");
  BOOST_TEST(draw_curve({}, true) == "");
  BOOST_TEST(!draw_curve(std::vector<double>{nan}, true).empty());
}

BOOST_AUTO_TEST_CASE(a_bad_start_does_not_flatten_the_rest) {
  const std::vector<double> values{-1e6, 1, 2, 3, 4};
  const std::string curve = draw_curve(values, true, {5, 1});
  BOOST_TEST(curve == "         4 |.:###\n");
}

BOOST_AUTO_TEST_CASE(the_locale_and_the_terminal_decide) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG", "TERM"}) unsetenv(name);
  BOOST_TEST(wants_ascii());
  setenv("LANG", "de_DE.UTF-8", 1);
  BOOST_TEST(!wants_ascii());
  setenv("LC_ALL", "C", 1);
  BOOST_TEST(wants_ascii());
  setenv("LC_ALL", "en_US.utf8", 1);
  BOOST_TEST(!wants_ascii());
  setenv("TERM", "dumb", 1);
  BOOST_TEST(wants_ascii());
}

BOOST_AUTO_TEST_SUITE_END()

// The plot: every method with its slope, the mark, and no text over another.
#include "logdet/plot.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "support/recorder.h"

using namespace flow;

namespace {

// Every method, as theory has it; `spread` decades lie between the fastest and the slowest.
std::vector<Measurement> made_up(double spread) {
  std::vector<Measurement> all;
  double scale = 1e-9;
  for (const Method& m : methods()) {
    const bool small = m.scope.sizes.most < 100;
    for (const std::size_t n : small ? std::vector<std::size_t>{4, 10}
                                     : std::vector<std::size_t>{16, 512, 784, 1024, 2048}) {
      Measurement one;
      one.method = &m, one.size.n = n;
      one.timing.median = one.timing.least = scale * std::pow(static_cast<double>(n), m.band.low);
      all.push_back(one);
    }
    scale *= std::pow(10, spread / static_cast<double>(methods().size()));
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plot_suite)

BOOST_AUTO_TEST_CASE(no_text_lies_over_another_or_outside) {
  for (const double decades : {0.0, 0.5, 3.0, 6.0}) {
    Recorder r;
    const std::vector<Measurement> measured = made_up(decades);
    draw_plot(r, std::string(300, 'x'), measured, fit_all(measured));
    for (const std::string& line : misplaced(r, plot_width, plot_height)) BOOST_ERROR(line);
    BOOST_TEST(r.points.size() > 10u);
  }
}

BOOST_AUTO_TEST_CASE(every_method_is_named_with_its_slope) {
  Recorder r;
  const std::vector<Measurement> measured = made_up(3);
  draw_plot(r, "here", measured, fit_all(measured));
  const auto shows = [&](const std::string& text) {
    return std::any_of(r.boxes.begin(), r.boxes.end(),
                       [&](const TextBox& b) { return b.text == text; });
  };
  for (const Method& m : methods()) {
    const std::string name = m.name;
    BOOST_TEST(shows(m.band.high > 0 ? name + format(" ~ N^%.2f", m.band.low)
                                     : name + " (" + m.cost + ")"),
               name);
  }
  for (const char* text : {"N = 784: 28 x 28", "time of one", "here", "10", "1000", "1 ms", "1 µs"})
    BOOST_TEST(shows(text), text);
}

BOOST_AUTO_TEST_CASE(a_path_must_say_what_to_draw) {
  BOOST_CHECK_THROW(check_plot_path("plot.pdf", false), Error);
  BOOST_CHECK_THROW(check_plot_path("svg", false), Error);
}

BOOST_AUTO_TEST_SUITE_END()

// Optimiser against its formulas in double over a table with all roles: clipping, decoupled decay
// of weights only, averaged weights, buffers left alone.
#include "train/optimiser.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

namespace flow::test {

namespace {

using Kind = OptimiserSpec::Kind;
constexpr std::size_t weights = 40000, biases = 33, buffers = 5, all = weights + biases + buffers;

struct Fixture {
  ParamTable table;
  std::vector<real> gradient = std::vector<real>(all), theta = gradient;

  Fixture() {
    table.add("w", weights / 8, 8, Role::weight, start_at(0));  // longer than one piece
    table.add("b", 1, biases, Role::bias, start_at(0));
    table.add("s", 1, buffers, Role::buffer, start_at(0));
    for (std::size_t i = 0; i < all; ++i)
      theta[i] = static_cast<real>(std::cos(static_cast<double>(i)));
  }
  // Of step t, from 1; buffers never have one.
  void set_gradient(int t) {
    for (std::size_t i = 0; i < all; ++i)
      gradient[i] =
          i < weights + biases ? static_cast<real>(std::sin(static_cast<double>(i) + t)) : 0;
  }
  double norm() const {
    double sum = 0;
    for (real g : gradient) sum += static_cast<double>(g) * static_cast<double>(g);
    return std::sqrt(sum);
  }
};

struct Number {
  double theta, average, m = 0, v = 0;

  void step(const OptimiserSpec& o, double rate, double g, double decay, int t) {
    theta -= rate * decay * theta;
    const double c1 = 1 - std::pow(o.beta1, t), c2 = 1 - std::pow(o.beta2, t);
    if (o.kind == Kind::rmsprop) {
      v = o.beta2 * v + (1 - o.beta2) * g * g;
      m = o.beta1 * m + rate * g / (std::sqrt(v) + o.epsilon);
      theta -= m;
      return;
    }
    m = o.beta1 * m + (1 - o.beta1) * g;
    v = o.kind == Kind::adamax ? std::max(o.beta2 * v, std::abs(g) + o.epsilon)
                               : o.beta2 * v + (1 - o.beta2) * g * g;
    theta -= rate / c1 * m / (o.kind == Kind::adamax ? v : std::sqrt(v / c2) + o.epsilon);
  }
};

void check_kind(Kind kind, double clip) {
  Fixture f;
  const OptimiserSpec o{kind, 0.75, 0.9, 1e-8, 0.5, clip};
  Optimiser optimiser(o, 0.9, f.table);
  Weights w = optimiser.start(f.theta);
  std::vector<Number> want;
  for (real x : f.theta) want.push_back({static_cast<double>(x), static_cast<double>(x)});
  double worst = 0;
  for (int t = 1; t <= 12; ++t) {
    f.set_gradient(t);
    const double norm = f.norm(), scale = clip > 0 && norm > clip ? clip / norm : 1;
    const double rate = 0.01 * t, keep = std::min(0.9, (1.0 + t) / (10.0 + t));
    for (std::size_t i = 0; i < weights + biases; ++i) {
      want[i].step(o, rate, scale * static_cast<double>(f.gradient[i]), i < weights ? o.decay : 0,
                   t);
      want[i].average = keep * want[i].average + (1 - keep) * want[i].theta;
    }
    BOOST_TEST(std::abs(optimiser.step(rate, w, f.gradient, 2) / norm - 1) < 1e-12);
    BOOST_TEST(std::all_of(f.gradient.begin(), f.gradient.end(), [](real g) { return g == 0; }));
    for (std::size_t i = 0; i < all; ++i) {
      worst = std::max(worst, std::abs(static_cast<double>(w.theta[i]) - want[i].theta));
      worst = std::max(worst, std::abs(static_cast<double>(w.average[i]) - want[i].average));
    }
  }
  BOOST_TEST(worst < (sizeof(real) == 8 ? 1e-12 : 1e-5));
}

BOOST_AUTO_TEST_SUITE(optimiser)

BOOST_AUTO_TEST_CASE(each_kind_is_its_formula) {
  for (Kind kind : {Kind::adam, Kind::adamax, Kind::rmsprop})
    for (double clip : {0.0, 5.0, 1e9}) check_kind(kind, clip);
}

BOOST_AUTO_TEST_CASE(threads_change_no_bit) {
  Fixture a, b;
  Optimiser one({}, 0.9, a.table), two({}, 0.9, b.table);
  Weights u = one.start(a.theta), v = two.start(b.theta);
  for (int t = 1; t < 4; ++t) {
    a.set_gradient(t), b.set_gradient(t);
    BOOST_TEST(one.step(0.1, u, a.gradient, 1) == two.step(0.1, v, b.gradient, 3));
  }
  BOOST_TEST((u.theta == v.theta && u.average == v.average));
}

BOOST_AUTO_TEST_CASE(a_gradient_that_is_not_finite_changes_nothing) {
  for (real bad : {std::numeric_limits<real>::infinity(), std::numeric_limits<real>::quiet_NaN()}) {
    Fixture f;
    Optimiser optimiser({}, 0.9, f.table);
    Weights w = optimiser.start(f.theta);
    f.set_gradient(1), f.gradient[weights + 3] = bad;
    BOOST_TEST(!std::isfinite(optimiser.step(0.1, w, f.gradient, 1)));
    BOOST_TEST((w.theta == f.theta && w.average == f.theta));
    BOOST_TEST(std::all_of(f.gradient.begin(), f.gradient.end(), [](real g) { return g == 0; }));
    BOOST_TEST(w.steps == 0U);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

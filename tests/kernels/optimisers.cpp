// One step, and many, of each optimiser against the papers' formulas in double, for every number of
// parameters up to 70: slices have no lanes.
#include <boost/test/unit_test.hpp>

#include "kernels/guarded.h"

namespace flow::test {

namespace {

struct State {
  double theta, m = 0, v = 0;
};
using Formula = void (*)(const Step&, double g, State&);

void adam(const Step& s, double g, State& p) {
  p.m = s.beta1 * p.m + (1 - s.beta1) * g;
  p.v = s.beta2 * p.v + (1 - s.beta2) * g * g;
  p.theta -= s.rate * s.decay * p.theta;
  p.theta -= s.rate * (p.m / s.correct1) / (std::sqrt(p.v / s.correct2) + s.epsilon);
}

void adamax(const Step& s, double g, State& p) {
  p.m = s.beta1 * p.m + (1 - s.beta1) * g;
  p.v = std::max(s.beta2 * p.v, std::abs(g) + s.epsilon);
  p.theta -= s.rate * s.decay * p.theta;
  p.theta -= s.rate / s.correct1 * p.m / p.v;
}

void rmsprop(const Step& s, double g, State& p) {
  p.v = s.beta2 * p.v + (1 - s.beta2) * g * g;
  p.m = s.beta1 * p.m + s.rate * g / (std::sqrt(p.v) + s.epsilon);
  p.theta -= s.rate * s.decay * p.theta;
  p.theta -= p.m;
}

using Kernel = decltype(Kernels::adam);

void check(Kernel kernel, Formula formula, std::size_t n, const char* what) {
  const Guarded<real> theta(n), g(n), m(n), v(n);
  std::vector<State> want(n);
  for (std::size_t i = 0; i < n; ++i) {
    theta.data()[i] = static_cast<real>(std::cos(static_cast<double>(i)));
    m.data()[i] = v.data()[i] = 0;
    want[i].theta = static_cast<double>(theta.data()[i]);
  }
  for (int t = 1; t <= 20; ++t) {
    const Step s{0.01, 0.75, 0.9375, 1e-8, 0.5, 1 - std::pow(0.75, t), 1 - std::pow(0.9375, t),
                 0.5};
    for (std::size_t i = 0; i < n; ++i) {
      g.data()[i] = i == 1 ? 0 : static_cast<real>(std::sin(static_cast<double>(i) + 3 * t));
      formula(s, 0.5 * static_cast<double>(g.data()[i]), want[i]);
    }
    kernel(s, n, theta.data(), g.data(), m.data(), v.data());
    for (std::size_t i = 0; i < n; ++i) {
      BOOST_TEST(error(theta.data()[i], want[i].theta) < 16, what << ", " << n << " numbers");
      BOOST_TEST(error(m.data()[i], want[i].m) < 16);
      BOOST_TEST(error(v.data()[i], want[i].v) < 16);
      BOOST_TEST(g.data()[i] == 0);
    }
  }
}

BOOST_AUTO_TEST_SUITE(optimisers)

BOOST_AUTO_TEST_CASE(each_is_its_formula) {
  for (const Kernels* k : tables())
    for (std::size_t n : {1, 2, 3, 7, 15, 16, 17, 31, 33, 70}) {
      check(k->adam, adam, n, "adam");
      check(k->adamax, adamax, n, "adamax");
      check(k->rmsprop, rmsprop, n, "rmsprop");
    }
}

// A parameter whose gradient was never anything but 0 has moments 0: no 0 / 0.
BOOST_AUTO_TEST_CASE(no_gradient_moves_nothing) {
  const Step s{0.01, 0.9, 0.999, 1e-8, 0, 0.1, 0.001, 1};
  for (const Kernels* k : tables())
    for (const Kernel kernel : {k->adam, k->adamax, k->rmsprop}) {
      real theta = 2, g = 0, m = 0, v = 0;
      kernel(s, 1, &theta, &g, &m, &v);
      BOOST_TEST(theta == 2);
    }
}

BOOST_AUTO_TEST_CASE(slices_of_any_length) {
  for (const Kernels* k : tables())
    for (std::size_t n = 1; n <= 70; ++n) {
      const Guarded<real> a(n), b(n), mean(n);
      double squares = 0;
      for (std::size_t i = 0; i < n; ++i) {
        a.data()[i] = static_cast<real>(i) - 5, b.data()[i] = 3;
        mean.data()[i] = 1;
        squares += std::pow(static_cast<double>(i) - 5, 2);
      }
      BOOST_TEST(k->square_sum(n, a.data()) == squares);
      k->average(0.75, n, a.data(), mean.data());
      k->move_to(n, a.data(), b.data());
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const real x = static_cast<real>(i) - 5;
        wrong += b.data()[i] != x + 3 || a.data()[i] != 0;
        wrong += mean.data()[i] != real(0.75) + real(0.25) * x;
      }
      BOOST_TEST(wrong == 0U);
    }
}

// The squares of float are summed in double: no overflow, no loss of the small.
BOOST_AUTO_TEST_CASE(the_norm_does_not_overflow) {
  for (const Kernels* k : tables()) {
    std::vector<real> g(40, real(1e-3));
    g[7] = real(1e30);
    BOOST_TEST(std::sqrt(k->square_sum(g.size(), g.data())) == 1e30,
               boost::test_tools::tolerance(1e-6));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

// Splines where they are hard: no parameters, wild parameters, knots, ends, tails, and where a
// circle closes.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "core/random.h"
#include "kernels/kernels.h"

namespace flow::test {

namespace {

constexpr std::size_t n = 4 * lanes;

// One column of n rows and its parameters.
struct Spline {
  const Kernels& k;
  MapSpec spec{.bound = 3, .bins = 8};
  std::vector<real> x = std::vector<real>(n), h;
  std::vector<double> logdet = std::vector<double>(n);

  explicit Spline(const Kernels& kernels_tested, bool circular = false, bool linear = false)
      : k(kernels_tested) {
    spec.circular = circular, spec.linear = linear;
    h.resize(n * k.spline.params(spec));
  }
  Mat rows() { return {x.data(), n, 1, n}; }
  Mat parameters() { return {h.data(), n, h.size() / n, n}; }
  void draw(std::uint64_t row, std::vector<real>& out, double scale) {
    std::vector<double> z(out.size());
    Random(5, Stream::test).normal(row, z);
    for (std::size_t i = 0; i < z.size(); ++i) out[i] = static_cast<real>(scale * z[i]);
  }
  void forward() { k.spline.forward(spec, rows(), parameters(), nullptr, logdet.data()); }
  void inverse() { k.spline.inverse(spec, rows(), parameters(), nullptr, logdet.data()); }
};

template <class F>
void for_each_isa(F f) {
  for (const char* isa : {"generic", "avx2", "avx512"})
    if (const Kernels* k = kernels_for(isa)) f(*k);
}

// Of both kinds of pieces.
template <class F>
void for_each_spline(F f) {
  for_each_isa([&](const Kernels& k) {
    for (const bool linear : {false, true}) BOOST_TEST_CONTEXT((linear ? "linear" : "rational")) {
        f(k, linear);
      }
  });
}

constexpr double epsilon = std::numeric_limits<real>::epsilon();

}  // namespace

BOOST_AUTO_TEST_SUITE(spline)

BOOST_AUTO_TEST_CASE(no_parameters_are_the_identity) {
  for_each_spline([](const Kernels& k, bool linear) {
    Spline s(k, false, linear);
    for (std::size_t i = 0; i < n; ++i) s.x[i] = static_cast<real>(-4 + 8.0 * double(i) / n);
    const auto before = s.x;
    s.forward();
    for (std::size_t i = 0; i < n; ++i) {
      BOOST_TEST(std::abs(double(s.x[i] - before[i])) < 20 * epsilon);
      BOOST_TEST(std::abs(s.logdet[i]) < 50 * epsilon);
    }
  });
}

BOOST_AUTO_TEST_CASE(beyond_the_bound_it_is_the_identity) {
  for_each_spline([](const Kernels& k, bool linear) {
    Spline s(k, false, linear);
    s.draw(1, s.h, 1);
    const real far[] = {real(3.0001), real(-3.0001), 50, -1e6f, 1e30f, -1e30f};
    for (std::size_t i = 0; i < n; ++i) s.x[i] = far[i % 6];
    const auto before = s.x;
    s.forward();
    BOOST_TEST(s.x == before);
    for (double l : s.logdet) BOOST_TEST(l == 0);
    s.inverse();
    BOOST_TEST(s.x == before);
  });
}

BOOST_AUTO_TEST_CASE(the_ends_stay_where_they_are) {
  for_each_spline([](const Kernels& k, bool linear) {
    Spline s(k, false, linear);
    s.draw(2, s.h, 3);
    for (std::size_t i = 0; i < n; ++i) s.x[i] = i % 2 ? s.spec.bound : -s.spec.bound;
    const auto before = s.x;
    s.forward();
    for (std::size_t i = 0; i < n; ++i)
      BOOST_TEST(std::abs(double(s.x[i] - before[i])) < 8 * epsilon);
  });
}

// Parameters up to +-1000, values of every size: finite, inside, increasing, and undone.
BOOST_AUTO_TEST_CASE(wild_parameters_give_finite_and_invertible_maps) {
  for_each_spline([](const Kernels& k, bool linear) {
    for (double scale : {0.1, 1.0, 10.0, 1000.0}) {
      Spline s(k, false, linear);
      s.draw(3, s.h, scale), s.draw(4, s.x, 1.5);
      const real special[] = {0, real(-0.0), 1e-30f, -1e-38f, real(2.9999998), real(-2.9999998)};
      for (std::size_t i = 0; i < 6; ++i) s.x[i] = special[i];
      const auto before = s.x;
      s.forward();
      const auto image = s.x;
      const auto logdet = s.logdet;
      for (std::size_t i = 0; i < n; ++i) {
        BOOST_TEST(std::isfinite(image[i]));
        BOOST_TEST(std::isfinite(logdet[i]));
        if (std::abs(before[i]) < s.spec.bound) BOOST_TEST(std::abs(image[i]) <= s.spec.bound);
      }
      s.inverse();
      for (std::size_t i = 0; i < n; ++i) {
        // An error of z grows by dx/dz on the way back, here and in the bin's neighbourhood.
        const double steepest = std::exp(std::max(0.0, -logdet[i]));
        const double allowed = 64 * epsilon * std::max(1.0, steepest) * (scale > 5 ? 1e3 : 1);
        BOOST_TEST(std::abs(double(s.x[i] - before[i])) < allowed);
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(gradients_of_wild_parameters_are_finite) {
  for_each_spline([](const Kernels& k, bool linear) {
    Spline s(k, false, linear);
    s.draw(5, s.h, 100), s.draw(6, s.x, 2);
    std::vector<real> dz(n, 1);
    const std::vector<double> dlogdet(n, 1);
    k.spline.backward(s.spec, s.rows(), {dz.data(), n, 1, n}, s.parameters(), nullptr, nullptr,
                      dlogdet.data());
    for (real v : dz) BOOST_TEST(std::isfinite(v));
    for (real v : s.h) BOOST_TEST(std::isfinite(v));
  });
}

double apart_on_the_circle(real a, real b) {
  const double d = std::abs(double(a) - double(b));
  return std::min(d, std::abs(6 - d));
}

BOOST_AUTO_TEST_CASE(a_circle_closes) {
  for_each_isa([](const Kernels& k) {
    Spline s(k, true);
    s.draw(7, s.h, 1);
    for (std::size_t i = 0; i < n; ++i)  // rows 2m and 2m + 1 share their parameters
      for (std::size_t p = 0; p < s.h.size() / n; ++p) s.h[p * n + i] = s.h[p * n + i / 2 * 2];
    for (std::size_t i = 0; i < n; ++i) s.x[i] = i % 2 ? real(3 - 48 * epsilon) : -3;
    s.forward();
    for (std::size_t i = 0; i < n; i += 2) {
      BOOST_TEST(apart_on_the_circle(s.x[i], s.x[i + 1]) < 500 * epsilon);
      BOOST_TEST(std::abs(s.logdet[i] - s.logdet[i + 1]) < 1e5 * epsilon);
    }
  });
}

// One turn more is the same point; a turn of h moves z along; an infinite angle is none.
BOOST_AUTO_TEST_CASE(a_circle_turns) {
  for_each_isa([](const Kernels& k) {
    Spline s(k, true), around(k, true), turned(k, true);
    s.draw(8, s.h, 1), s.draw(9, s.x, 1.2);
    around.h = turned.h = s.h;
    for (std::size_t i = 0; i < n; ++i) {
      around.x[i] = s.x[i] + 6, turned.x[i] = s.x[i];
      turned.h[turned.h.size() - n + i] += 1;
    }
    s.forward(), around.forward(), turned.forward();
    for (std::size_t i = 0; i < n; ++i) {
      const double steep = std::max(1.0, std::exp(s.logdet[i]));
      BOOST_TEST(std::abs(s.x[i]) <= 3);
      BOOST_TEST(apart_on_the_circle(s.x[i], around.x[i]) < 20 * epsilon * steep);
      BOOST_TEST(apart_on_the_circle(s.x[i] + 1, turned.x[i]) < 20 * epsilon);
      BOOST_TEST(s.logdet[i] == turned.logdet[i]);
    }
    const real infinite = std::numeric_limits<real>::infinity();
    std::fill(s.logdet.begin(), s.logdet.end(), 0.0), std::fill(s.x.begin(), s.x.end(), infinite);
    s.forward();
    for (std::size_t i = 0; i < n; ++i) BOOST_TEST((s.x[i] == infinite && s.logdet[i] == 0));
  });
}

BOOST_AUTO_TEST_CASE(a_wild_circle_is_finite_and_undone) {
  for_each_isa([](const Kernels& k) {
    for (double scale : {1.0, 30.0}) {
      Spline s(k, true);
      s.draw(10, s.h, scale), s.draw(11, s.x, 1);
      const auto before = s.x;
      s.forward();
      const auto logdet = s.logdet;
      s.inverse();
      for (std::size_t i = 0; i < n; ++i) {
        const double steepest = std::exp(std::max(0.0, -logdet[i]));
        BOOST_TEST(apart_on_the_circle(s.x[i], before[i]) <
                   64 * epsilon * steepest * (scale > 5 ? 1e3 : 1));
      }
    }
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flow::test

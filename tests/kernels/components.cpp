// Maps by mixtures beside their definitions, and where they are hard: wild parameters, tails, ends,
// and an inverse that iterates.
#include <boost/math/distributions/logistic.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/test/unit_test.hpp>

#include "kernels/guarded.h"

namespace flow::test {

namespace {

constexpr std::size_t n = 4 * lanes, components = 6;
constexpr MapSpec spec{.bound = 1, .bins = components};

// One column of n rows, its parameters and log-dets, for a map of a table.
struct Rows {
  const Map& map;
  const std::size_t params = map.params(spec);
  Block x{n, 1, n}, h{n, params, n};
  std::vector<double> logdet = std::vector<double>(n);

  Rows(const Map& tested, double scale) : map(tested) {
    draw(x.mat, 1.5, 1), draw(h.mat, scale, 2);
    const real special[] = {0, real(-0.0), real(1e-42), 50, -700, real(1e6), real(-1e6)};
    for (std::size_t i = 0; i < 7; ++i) x.mat(9 * i, 0) = special[i];
  }
  void forward() { map.forward(spec, x.mat, h.mat, nullptr, logdet.data()); }
  void inverse() { map.inverse(spec, x.mat, h.mat, nullptr, logdet.data()); }
  double param(std::size_t i, std::size_t p) const { return static_cast<double>(h.mat(i, p)); }
};

// F, 1 - F and f = dF/dx of row i by their definition, where none of them is tiny.
struct Mixture {
  double low = 0, high = 0, slope = 0;

  template <class Distribution>
  Mixture(const Distribution& g, const Rows& r, std::size_t i, double x) {
    double total = 0;
    for (std::size_t k = 0; k < components; ++k) total += std::exp(r.param(i, k));
    for (std::size_t k = 0; k < components; ++k) {
      const double start = 2.0 * static_cast<double>(k) / (components - 1) - 1;
      const double rate = std::exp(-7 * std::tanh(r.param(i, 2 * components + k) / 7));
      const double u = (x - r.param(i, components + k) - start) * rate;
      const double w = std::exp(r.param(i, k)) / total;
      low += w * cdf(g, u), high += w * cdf(complement(g, u)), slope += w * rate * pdf(g, u);
    }
  }
};

// Both maps of each instruction set.
template <class Check>
void each_map(Check check) {
  for (const Kernels* k : tables())
    for (const Map* map : {&k->logistics, &k->gaussians})
      BOOST_TEST_CONTEXT(k->isa << " " << map->name) check(*map);
}

BOOST_AUTO_TEST_SUITE(mixtures)

BOOST_AUTO_TEST_CASE(logistics_are_their_definition) {
  for (const Kernels* k : tables()) {
    Rows r(k->logistics, 1);
    draw(r.x.mat, 1.5, 1);
    const std::vector<real> start(r.x.mat.data, r.x.mat.data + n);
    r.forward();
    for (std::size_t i = 0; i < n; ++i) {
      const Mixture m(boost::math::logistic(), r, i, static_cast<double>(start[i]));
      const double s = std::tanh(r.param(i, 3 * components)), t = r.param(i, 3 * components + 1);
      BOOST_TEST(error(r.x.mat(i, 0), std::log(m.low / m.high) * std::exp(s) + t) < 40);
      BOOST_TEST(std::abs(r.logdet[i] - std::log(m.slope / m.low / m.high) - s) < 1e-4);
    }
  }
}

BOOST_AUTO_TEST_CASE(gaussians_are_their_definition) {
  const boost::math::normal g;
  for (const Kernels* k : tables()) {
    Rows r(k->gaussians, 1);
    draw(r.x.mat, 1.5, 1);
    const std::vector<real> start(r.x.mat.data, r.x.mat.data + n);
    r.forward();
    for (std::size_t i = 0; i < n; ++i) {
      const Mixture m(g, r, i, static_cast<double>(start[i]));
      const double y = m.low < m.high ? quantile(g, m.low) : quantile(complement(g, m.high));
      BOOST_TEST(error(r.x.mat(i, 0), y) < 40);
      // Under a normal base the density is that of the mixture.
      const double z = static_cast<double>(r.x.mat(i, 0)), base = std::log(pdf(g, z));
      BOOST_TEST(std::abs(base + r.logdet[i] - std::log(m.slope)) < 1e-4);
    }
  }
}

BOOST_AUTO_TEST_CASE(wild_parameters_give_finite_and_invertible_maps) {
  each_map([](const Map& map) {
    for (double scale : {0.1, 1.0, 10.0, 1000.0}) {
      Rows r(map, scale), start(map, scale);
      r.forward();
      const std::vector<double> logdet = r.logdet;
      std::vector<double> z;
      for (std::size_t i = 0; i < n; ++i) {
        BOOST_TEST(std::isfinite(r.x.mat(i, 0)));
        BOOST_TEST(std::isfinite(logdet[i]));
        z.push_back(static_cast<double>(r.x.mat(i, 0)));
      }
      r.inverse();
      for (std::size_t i = 0; i < n; ++i) {
        const double x = static_cast<double>(start.x.mat(i, 0));
        const double shift = start.param(i, r.params - 1);
        // The rounding of z, carried back over the slope; and what the sums of the logits lose.
        const double lost = std::abs(z[i]) + std::abs(shift) + scale;
        const double allowed = 32 * epsilon * (std::abs(x) + scale + lost * std::exp(-logdet[i]));
        BOOST_TEST(std::abs(static_cast<double>(r.x.mat(i, 0)) - x) < allowed,
                   scale << ": " << x << " came back as " << r.x.mat(i, 0));
      }
    }
  });
}

BOOST_AUTO_TEST_CASE(gradients_of_wild_parameters_are_finite) {
  each_map([](const Map& map) {
    for (double scale : {1.0, 1000.0}) {
      Rows r(map, scale);
      const Block dz(n, 1, n);
      fill(dz.mat, 1);
      const std::vector<double> dlogdet(n, 1);
      map.backward(spec, r.x.mat, dz.mat, r.h.mat, nullptr, nullptr, dlogdet.data());
      for (std::size_t i = 0; i < n; ++i) {
        BOOST_TEST(std::isfinite(dz.mat(i, 0)));
        for (std::size_t p = 0; p < r.params; ++p) BOOST_TEST(std::isfinite(r.h.mat(i, p)));
      }
    }
  });
}

// A row that needs few steps has the same bits beside rows that need many.
BOOST_AUTO_TEST_CASE(the_inverse_of_a_row_knows_no_neighbours) {
  each_map([](const Map& map) {
    Rows wild(map, 1000), alone(map, 1000);
    for (std::size_t i = 0; i < n; i += 3)
      for (std::size_t p = 0; p < wild.params; ++p) wild.h.mat(i, p) = alone.h.mat(i, p) = 0;
    for (std::size_t i = 0; i < n; ++i)
      if (i % 3) {
        alone.x.mat(i, 0) = 0;
        for (std::size_t p = 0; p < wild.params; ++p) alone.h.mat(i, p) = 0;
      }
    wild.inverse(), alone.inverse();
    for (std::size_t i = 0; i < n; i += 3) {
      BOOST_TEST(wild.x.mat(i, 0) == alone.x.mat(i, 0));
      BOOST_TEST(wild.logdet[i] == alone.logdet[i]);
    }
  });
}

BOOST_AUTO_TEST_CASE(an_infinite_number_stays_one) {
  const real infinite = std::numeric_limits<real>::infinity();
  each_map([&](const Map& map) {
    for (real x : {infinite, -infinite}) {
      Rows r(map, 1);
      fill(r.x.mat, x);
      r.forward();
      for (std::size_t i = 0; i < n; ++i) BOOST_TEST((r.x.mat(i, 0) == x && r.logdet[i] == 0));
      map.inverse(spec, r.x.mat, r.h.mat, nullptr, nullptr);
      for (std::size_t i = 0; i < n; ++i) BOOST_TEST(r.x.mat(i, 0) == x);
    }
  });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

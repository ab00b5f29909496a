// The mixture of logistics beside its definition, and where it is hard: wild parameters, tails,
// ends, and an inverse that iterates.
#include <boost/test/unit_test.hpp>

#include "kernels/guarded.h"

namespace flow::test {

namespace {

constexpr std::size_t n = 4 * lanes, components = 6, params = 3 * components + 2;
constexpr MapSpec spec{.bound = 1, .bins = components};

// One column of n rows, its parameters and log-dets.
struct Rows {
  Block x{n, 1, n}, h{n, params, n};
  std::vector<double> logdet = std::vector<double>(n);

  explicit Rows(double scale) {
    draw(x.mat, 1.5, 1), draw(h.mat, scale, 2);
    const real special[] = {0, real(-0.0), real(1e-42), 50, -700, real(1e6), real(-1e6)};
    for (std::size_t i = 0; i < 7; ++i) x.mat(9 * i, 0) = special[i];
  }
  void forward(const Kernels& k) {
    k.logistics.forward(spec, x.mat, h.mat, nullptr, logdet.data());
  }
  void inverse(const Kernels& k) {
    k.logistics.inverse(spec, x.mat, h.mat, nullptr, logdet.data());
  }
};

double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }

// ln F - ln(1 - F) of row i, by the definition, which serves where neither F nor 1 - F is tiny.
double logit_of_mixture(CMat h, std::size_t i, double x) {
  double f = 0, g = 0;
  for (std::size_t k = 0; k < components; ++k) {
    const auto at = [&](std::size_t p) { return static_cast<double>(h(i, p * components + k)); };
    const double start = 2.0 * static_cast<double>(k) / (components - 1) - 1;
    const double u = (x - at(1) - start) * std::exp(-7 * std::tanh(at(2) / 7));
    f += std::exp(at(0)) * sigmoid(u), g += std::exp(at(0)) * sigmoid(-u);
  }
  return std::log(f) - std::log(g);
}

BOOST_AUTO_TEST_SUITE(logistics)

BOOST_AUTO_TEST_CASE(it_is_its_definition) {
  for (const Kernels* k : tables()) {
    Rows r(1), start(1);
    draw(r.x.mat, 1.5, 1), draw(start.x.mat, 1.5, 1);
    r.forward(*k);
    for (std::size_t i = 0; i < n; ++i) {
      const double x = static_cast<double>(start.x.mat(i, 0)), e = 1e-5;
      const double s = std::tanh(static_cast<double>(r.h.mat(i, 3 * components)));
      const double t = static_cast<double>(r.h.mat(i, 3 * components + 1));
      const double y = logit_of_mixture(r.h.mat, i, x);
      BOOST_TEST(error(r.x.mat(i, 0), y * std::exp(s) + t) < 40);
      const double slope =
          logit_of_mixture(r.h.mat, i, x + e) - logit_of_mixture(r.h.mat, i, x - e);
      BOOST_TEST(std::abs(r.logdet[i] - std::log(slope / (2 * e)) - s) < 1e-4);
    }
  }
}

BOOST_AUTO_TEST_CASE(wild_parameters_give_finite_and_invertible_maps) {
  for (const Kernels* k : tables())
    for (double scale : {0.1, 1.0, 10.0, 1000.0}) {
      Rows r(scale), start(scale);
      r.forward(*k);
      const std::vector<double> logdet = r.logdet;
      std::vector<double> z;
      for (std::size_t i = 0; i < n; ++i) {
        BOOST_TEST(std::isfinite(r.x.mat(i, 0)));
        BOOST_TEST(std::isfinite(logdet[i]));
        z.push_back(static_cast<double>(r.x.mat(i, 0)));
      }
      r.inverse(*k);
      for (std::size_t i = 0; i < n; ++i) {
        const double x = static_cast<double>(start.x.mat(i, 0));
        const double shift = static_cast<double>(start.h.mat(i, params - 1));
        // The rounding of z, carried back over the slope; and what the sums of the logits lose.
        const double lost = std::abs(z[i]) + std::abs(shift) + scale;
        const double allowed = 32 * epsilon * (std::abs(x) + scale + lost * std::exp(-logdet[i]));
        BOOST_TEST(std::abs(static_cast<double>(r.x.mat(i, 0)) - x) < allowed,
                   scale << ": " << x << " came back as " << r.x.mat(i, 0));
      }
    }
}

BOOST_AUTO_TEST_CASE(gradients_of_wild_parameters_are_finite) {
  for (const Kernels* k : tables())
    for (double scale : {1.0, 1000.0}) {
      Rows r(scale);
      const Block dz(n, 1, n);
      fill(dz.mat, 1);
      const std::vector<double> dlogdet(n, 1);
      k->logistics.backward(spec, r.x.mat, dz.mat, r.h.mat, nullptr, nullptr, dlogdet.data());
      for (std::size_t i = 0; i < n; ++i) {
        BOOST_TEST(std::isfinite(dz.mat(i, 0)));
        for (std::size_t p = 0; p < params; ++p) BOOST_TEST(std::isfinite(r.h.mat(i, p)));
      }
    }
}

// A row that needs few steps has the same bits beside rows that need many.
BOOST_AUTO_TEST_CASE(the_inverse_of_a_row_knows_no_neighbours) {
  for (const Kernels* k : tables()) {
    Rows wild(1000), alone(1000);
    for (std::size_t i = 0; i < n; i += 3)
      for (std::size_t p = 0; p < params; ++p) wild.h.mat(i, p) = alone.h.mat(i, p) = 0;
    for (std::size_t i = 0; i < n; ++i)
      if (i % 3) {
        alone.x.mat(i, 0) = 0;
        for (std::size_t p = 0; p < params; ++p) alone.h.mat(i, p) = 0;
      }
    wild.inverse(*k), alone.inverse(*k);
    for (std::size_t i = 0; i < n; i += 3) {
      BOOST_TEST(wild.x.mat(i, 0) == alone.x.mat(i, 0));
      BOOST_TEST(wild.logdet[i] == alone.logdet[i]);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_infinite_number_stays_one) {
  const real infinite = std::numeric_limits<real>::infinity();
  for (const Kernels* k : tables())
    for (real x : {infinite, -infinite}) {
      Rows r(1);
      fill(r.x.mat, x);
      r.forward(*k);
      for (std::size_t i = 0; i < n; ++i) BOOST_TEST((r.x.mat(i, 0) == x && r.logdet[i] == 0));
      k->logistics.inverse(spec, r.x.mat, r.h.mat, nullptr, nullptr);
      for (std::size_t i = 0; i < n; ++i) BOOST_TEST(r.x.mat(i, 0) == x);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

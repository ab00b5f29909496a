// The densities are what they say: they integrate to 1, their entropies are right, and their
// samples follow them.
#include "data/toy.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "core/error.h"

using namespace flow;

BOOST_AUTO_TEST_SUITE(toy)

BOOST_AUTO_TEST_CASE(mass_and_entropy) {
  constexpr double step =
      0.02;  // a fifth of the narrowest deviation: exact to 1e-12 for a Gaussian
  for (const Toy& toy : toys()) {
    double mass = 0, entropy = 0;
    for (int i = -250; i < 250; ++i) {
      for (int k = -250; k < 250; ++k) {
        const double xy[2] = {(i + 0.5) * step, (k + 0.5) * step};
        const double logp = toy.log_density(xy), p = std::exp(logp);
        mass += p * step * step;
        if (p > 0) entropy -= p * logp * step * step;
      }
    }
    BOOST_TEST_CONTEXT(toy.name) {
      BOOST_TEST(std::abs(mass - 1) < 1e-6);
      BOOST_TEST(std::abs(entropy - toy.entropy) < 1e-5);
    }
  }
}

BOOST_AUTO_TEST_CASE(samples_have_the_entropy) {
  constexpr std::uint64_t n = 200000;
  const Random random(3, Stream::test);
  for (const Toy& toy : toys()) {
    double sum = 0, square = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
      double xy[2];
      toy.sample(random, i, xy);
      const double logp = toy.log_density(xy);
      sum += logp, square += logp * logp;
    }
    const double mean = sum / n, error = std::sqrt(std::max(0.0, square / n - mean * mean) / n);
    BOOST_TEST_CONTEXT(toy.name) BOOST_TEST(std::abs(mean + toy.entropy) <= 4 * error + 1e-6);
  }
}

// The share of samples in each cell of a coarse grid against the integral of the density over it.
BOOST_AUTO_TEST_CASE(samples_follow_the_density) {
  constexpr std::uint64_t n = 200000;
  constexpr int cells = 12, fine = 16;
  constexpr double side = 6.0 / cells;
  for (const Toy& toy : toys()) {
    std::vector<double> share(cells * cells);
    for (std::uint64_t i = 0; i < n; ++i) {
      double xy[2];
      toy.sample(Random(4, Stream::test), i, xy);
      const double x = std::floor((xy[0] + 3) / side), y = std::floor((xy[1] + 3) / side);
      if (x < 0 || y < 0 || x >= cells || y >= cells) continue;
      share[static_cast<std::size_t>(y) * cells + static_cast<std::size_t>(x)] += 1.0 / n;
    }
    for (int c = 0; c < cells * cells; ++c) {
      double mass = 0;
      for (int k = 0; k < fine * fine; ++k) {
        const double xy[2] = {-3 + side * (c % cells + (k % fine + 0.5) / fine),
                              -3 + side * (c / cells + (k / fine + 0.5) / fine)};
        mass += std::exp(toy.log_density(xy)) * side * side / (fine * fine);
      }
      const double bound = 5 * std::sqrt(mass / n) + 1e-4;
      BOOST_TEST_CONTEXT(toy.name << " cell " << c)
      BOOST_TEST(std::abs(share[static_cast<std::size_t>(c)] - mass) < bound);
    }
  }
}

BOOST_AUTO_TEST_CASE(names) {
  BOOST_TEST(find_toy("rings").name == std::string("rings"));
  BOOST_CHECK_THROW(find_toy("ring"), Error);
}

BOOST_AUTO_TEST_SUITE_END()

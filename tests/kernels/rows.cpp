// Each kernel of operations.h is run through the same laws, on memory that ends at a page that
// cannot be touched; and what such a table cannot say.
#include <boost/test/unit_test.hpp>

#include "kernels/guarded.h"
#include "kernels/operations.h"

namespace flow::test {

namespace {

// 16 different rows, again and again, starting with row `turn`.
struct Run {
  Block x, h;
  Guarded<double> l;

  Run(const Operation& op, const Kernels& k, std::size_t rows, std::size_t gap, std::size_t turn)
      : x(rows, d, rows + gap), h(rows, 2 * d, rows + gap), l(rows) {
    const Block x0(lanes, d, lanes), h0(lanes, 2 * d, lanes);
    draw(x0.mat, 1.5, 1), draw(h0.mat, 1.5, 2);
    for (std::size_t i = 0; i < rows; ++i) {
      const std::size_t from = (i + turn) % lanes;
      for (std::size_t j = 0; j < d; ++j) x.mat(i, j) = x0.mat(from, j);
      for (std::size_t j = 0; j < 2 * d; ++j) h.mat(i, j) = h0.mat(from, j);
      l.data()[i] = 0.25 * static_cast<double>(from) - 1;
    }
    if (op.run) op.run(k, x.mat, h.mat, l.data());
  }
};

Row row_of(CMat m, std::size_t i) {
  Row r(m.cols);
  for (std::size_t j = 0; j < m.cols; ++j) r[j] = static_cast<double>(m(i, j));
  return r;
}

BOOST_AUTO_TEST_SUITE(rows)

BOOST_AUTO_TEST_CASE(each_is_its_equation) {
  for (const Operation& op : operations())
    for (const Kernels* k : tables()) {
      const Run start({}, *k, lanes, 3, 0), run(op, *k, lanes, 3, 0);
      double worst = 0;
      for (std::size_t i = 0; i < lanes; ++i) {
        Row x = row_of(start.x.mat, i), h = row_of(start.h.mat, i);
        double l = start.l.data()[i];
        op.row(x, h, l);
        for (std::size_t j = 0; j < d; ++j) worst = std::max(worst, error(run.x.mat(i, j), x[j]));
        for (std::size_t j = 0; j < 2 * d; ++j)
          worst = std::max(worst, error(run.h.mat(i, j), h[j]));
        const double got = run.l.data()[i];
        if (got != l)
          worst = std::max(worst, std::abs(got - l) / epsilon / std::max(1.0, std::abs(l)));
        BOOST_TEST(!std::isnan(got));
      }
      BOOST_TEST_MESSAGE(op.name << " " << k->isa << ": " << worst);
      BOOST_TEST(worst <= op.bound, op.name << " " << k->isa << ": " << worst << " epsilon");
      BOOST_TEST(run.x.gaps_are_whole());
      BOOST_TEST(run.h.gaps_are_whole());
    }
}

// Whatever the place, the neighbours and the number of rows.
BOOST_AUTO_TEST_CASE(a_row_has_the_same_bits_everywhere) {
  for (const Operation& op : operations())
    for (const Kernels* k : tables()) {
      const Run first(op, *k, lanes, 0, 0);
      std::size_t differences = 0;
      for (std::size_t rows = lanes; rows <= 9 * lanes; rows += lanes) {
        const Run run(op, *k, rows, rows % 3, rows / lanes);
        for (std::size_t i = 0; i < rows; ++i) {
          const std::size_t same = (i + rows / lanes) % lanes;
          differences += row_of(run.x.mat, i) != row_of(first.x.mat, same);
          differences += row_of(run.h.mat, i) != row_of(first.h.mat, same);
          differences += run.l.data()[i] != first.l.data()[same];
        }
      }
      BOOST_TEST(differences == 0U, op.name << " " << k->isa);
    }
}

// Out of range: the density is 0, z is finite, and nothing is NaN on the way back.
BOOST_AUTO_TEST_CASE(beyond_a_range_the_density_is_0) {
  constexpr real largest = std::numeric_limits<real>::max();
  const real outside[] = {-largest,
                          real(-1e6),
                          real(-2.5),
                          real(3.5),
                          real(1e6),
                          largest,
                          std::numeric_limits<real>::infinity(),
                          -std::numeric_limits<real>::infinity()};
  for (const Kernels* k : tables())
    for (real bad : outside) {
      const Block x(lanes, 2, lanes), dz(lanes, 2, lanes);
      const Guarded<double> l(lanes), w(lanes);
      fill(x.mat, 1), fill(dz.mat, 1);
      std::fill_n(l.data(), lanes, 0.0), std::fill_n(w.data(), lanes, 1.0);
      x.mat(3, 1) = bad;
      k->logit_backward(x.mat, dz.mat, low, high, alpha, w.data());
      k->logit(x.mat, low, high, alpha, l.data());
      for (std::size_t i = 0; i < lanes; ++i) {
        BOOST_TEST(std::isinf(l.data()[i]) == (i == 3));
        BOOST_TEST(std::isfinite(x.mat(i, 1)));
        BOOST_TEST(std::isfinite(dz.mat(i, 1)));
      }
      BOOST_TEST(l.data()[3] < 0);
      if (bad > low) continue;
      std::fill_n(l.data(), lanes, 0.0), fill(x.mat, 1), x.mat(3, 1) = bad;
      k->log_backward(x.mat, dz.mat, low, w.data());
      k->log(x.mat, low, l.data());
      BOOST_TEST(l.data()[3] == -std::numeric_limits<double>::infinity());
      BOOST_TEST(std::isfinite(x.mat(3, 1)));
      BOOST_TEST(std::isfinite(dz.mat(3, 1)));
    }
}

// Both ends of a range keep their digits: the way back finds them again.
BOOST_AUTO_TEST_CASE(logit_comes_back_from_the_ends) {
  const real a = real(1e-6),
             ends[] = {0, 1, real(1e-7), 1 - 4 * std::numeric_limits<real>::epsilon(), real(0.5)};
  for (const Kernels* k : tables())
    for (real end : ends) {
      const Block x(lanes, 1, lanes);
      const Guarded<double> l(lanes);
      std::fill_n(l.data(), lanes, 0.0), fill(x.mat, end);
      k->logit(x.mat, 0, 1, a, l.data());
      BOOST_TEST(std::isfinite(l.data()[0]));
      k->logit_inverse(x.mat, 0, 1, a, l.data());
      BOOST_TEST(error(x.mat(0, 0), static_cast<double>(end)) < 4);
      BOOST_TEST(std::abs(l.data()[0]) < 64 * epsilon);
    }
}

// A ReLU that turned NaN into 0 would hide broken weights behind a finite density.
BOOST_AUTO_TEST_CASE(activations_pass_nan_on) {
  for (const Kernels* k : tables())
    for (auto f : {&Kernels::relu, &Kernels::tanh, &Kernels::silu}) {
      const Block x(lanes, 1, lanes);
      fill(x.mat, 1), x.mat(5, 0) = std::numeric_limits<real>::quiet_NaN();
      (k->*f)(x.mat, x.mat);
      for (std::size_t i = 0; i < lanes; ++i) BOOST_TEST(std::isnan(x.mat(i, 0)) == (i == 5));
    }
}

// A log-det that nobody wants is not written.
BOOST_AUTO_TEST_CASE(inverses_work_without_logdet) {
  for (const Kernels* k : tables()) {
    const Block x(lanes, d, lanes), h(lanes, 2 * d, lanes);
    draw(x.mat, 1, 1), draw(h.mat, 1, 2);
    k->affine.inverse({}, x.mat, h.mat, nullptr, nullptr);
    k->logit_inverse(x.mat, low, high, alpha, nullptr);
    k->log_inverse(x.mat, low, nullptr);
    BOOST_TEST(std::isfinite(x.mat(0, 0)));
  }
}

// RealNVP's factor g learns the sum of dL/ds tanh(h).
BOOST_AUTO_TEST_CASE(the_learned_gain_has_its_gradient) {
  for (const Kernels* k : tables()) {
    const Block x(48, d, 48), dz(48, d, 48), h(48, 2 * d, 48);
    const Guarded<real> sums(d);
    const Guarded<double> l(48);
    draw(x.mat, 1, 1), draw(dz.mat, 1, 2), draw(h.mat, 1, 3);
    std::fill_n(l.data(), 48, 0.5), std::fill_n(sums.data(), d, real(1));
    Row want(d, 1.0), size(d, 1.0);
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t i = 0; i < 48; ++i) {
        const double t = std::tanh(static_cast<double>(h.mat(i, j)));
        const double gain = std::exp(static_cast<double>(learned[j]) * t);
        const double term =
            (static_cast<double>(dz.mat(i, j)) * static_cast<double>(x.mat(i, j)) * gain + 0.5) * t;
        want[j] += term, size[j] += std::abs(term);
      }
    k->affine.backward({Gain::learned, 1}, x.mat, dz.mat, h.mat, learned, sums.data(), l.data());
    for (std::size_t j = 0; j < d; ++j)
      BOOST_TEST(std::abs(static_cast<double>(sums.data()[j]) - want[j]) < 8 * epsilon * size[j]);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test
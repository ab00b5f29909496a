// Base densities: whole, sampled as they say, and defined far out.
#include <boost/test/unit_test.hpp>

#include "core/error.h"
#include "core/gamma.h"
#include "flow/model.h"

namespace flow::test {

namespace {

constexpr bool is_double = sizeof(real) == 8;

// One column; the layer moves nothing, but the base's own parameters are moved.
Model line(const std::string& base) {
  return {"base: " + base + "\nlayers: [{kind: permute}]\n", 1, 0.4};
}

// The distribution function on a grid, by the trapezium rule.
struct Distribution {
  double low, step;
  std::vector<double> values{0};

  Distribution(const Model& m, double first, double last, std::size_t steps)
      : low(first), step((last - first) / static_cast<double>(steps)) {
    std::vector<real> rows;
    for (std::size_t i = 0; i <= steps; ++i)
      rows.push_back(static_cast<real>(low + step * static_cast<double>(i)));
    const std::vector<double> logp = m.log_density(rows);
    for (std::size_t i = 0; i < steps; ++i)
      values.push_back(values.back() + step * (std::exp(logp[i]) + std::exp(logp[i + 1])) / 2);
  }
  double at(double x) const { return values[static_cast<std::size_t>((x - low) / step + 0.5)]; }
};

struct Line {
  const char* base;
  double reach;
};
const Line lines[] = {{"laplace", 32},
                      {"student-t", 512},
                      {"box\nbase-bound: 4", 4},
                      {"mixture\nbase-components: 5", 16}};

BOOST_AUTO_TEST_SUITE(bases)

BOOST_AUTO_TEST_CASE(the_gamma_function_and_its_derivative) {
  const double pi = std::acos(-1.0), euler = 0.577215664901532860606512;
  const double at[] = {1, 2, 0.5, 5}, gamma[] = {1, 1, std::sqrt(pi), 24};
  const double psi[] = {-euler, 1 - euler, -euler - 2 * std::log(2.0), 25.0 / 12 - euler};
  for (std::size_t i = 0; i < 4; ++i) {
    BOOST_TEST(std::abs(log_gamma(at[i]) - std::log(gamma[i])) < 2e-14);
    BOOST_TEST(std::abs(digamma(at[i]) - psi[i]) < 2e-14);
  }
  for (double x = 0.05; x < 3000; x *= 1.3) {
    BOOST_TEST(std::abs(log_gamma(x) - std::lgamma(x)) < 1e-13 * std::max(1.0, std::lgamma(x)));
    const double h = 1e-4 * x;
    const double quotient = (log_gamma(x + h) - log_gamma(x - h)) / (2 * h);
    BOOST_TEST(std::abs(digamma(x) - quotient) < 1e-6 * std::max(1.0, std::abs(quotient)));
  }
}

BOOST_AUTO_TEST_CASE(they_integrate_to_1_and_samples_agree) {
  constexpr std::size_t count = 200000;
  for (const Line& l : lines) {
    const Model m = line(l.base);
    const Distribution f(m, -l.reach, l.reach, 65536);
    BOOST_TEST(std::abs(f.values.back() - 1) < (is_double ? 1e-6 : 1e-5), l.base);
    std::vector<real> rows(count);
    Evaluator(*m.flow, m.table, m.theta, 2)
        .sample(Random(3, Stream::sample), 0, count, 1, rows.data());
    for (double q : {-3.5, -2.0, -1.0, -0.5, 0.0, 0.25, 1.0, 1.5, 3.0}) {
      const double want = f.at(q), n = static_cast<double>(count);
      const double got = static_cast<double>(std::count_if(rows.begin(), rows.end(),
                                                           [&](real v) { return v < q; })) /
                         n;
      const double error = std::sqrt(want * (1 - want) / n) + 1e-6;
      BOOST_TEST(std::abs(got - want) < 4.5 * error,
                 l.base << " at " << q << ": " << got << ", " << want);
    }
  }
}

// The ends of the degrees: 1 is Cauchy's density, 100 nearly a normal one.
BOOST_AUTO_TEST_CASE(student_t_goes_from_cauchy_to_normal) {
  Model m = line("student-t");
  const auto logp = [&](real s, real z) {
    m.theta.assign(m.theta.size(), 0);
    for (const auto& e : m.table.entries())
      if (e.name == "base/degrees") m.theta[e.param.offset] = s;
    return m.log_density({z})[0];
  };
  for (double z : {0.0, 0.5, 3.0, 1e6}) {
    const double cauchy = -std::log(std::acos(-1.0)) - std::log1p(z * z);
    BOOST_TEST(std::abs(logp(-1000, static_cast<real>(z)) - cauchy) < (is_double ? 1e-11 : 1e-5));
  }
  BOOST_TEST(std::abs(logp(1000, 0) + 0.5 * std::log(2 * std::acos(-1.0))) < 0.004);
  BOOST_TEST(std::isfinite(logp(0, real(1e30))));
}

BOOST_AUTO_TEST_CASE(a_box_ends) {
  const Model m = line("box\nbase-bound: 2");
  const std::vector<double> logp = m.log_density({real(-2), real(1.5), real(2), real(2.01), -3});
  for (std::size_t i = 0; i < 3; ++i) BOOST_TEST(std::abs(logp[i] + std::log(4.0)) < 1e-12);
  for (std::size_t i = 3; i < 5; ++i) BOOST_TEST((std::isinf(logp[i]) && logp[i] < 0));
  real row = 0;
  Evaluator e(*m.flow, m.table, m.theta, 1);
  BOOST_CHECK_EXCEPTION(e.sample(Random(0, Stream::sample), 0, 1, 1.5, &row), Error,
                        [](const Error& error) { return error.code() == Exit::usage; });
}

// A circle's density is whole on one turn, and the same a turn further.
BOOST_AUTO_TEST_CASE(angles_integrate_to_1) {
  const Model m(
      "base: box\nbase-bound: 3\nlayers:\n"
      "  - {kind: spline-autoregressive, spline: circular, bound: 3, bins: 5}\n",
      1, 0.7);
  const Distribution f(m, -3, 3, 65536);
  BOOST_TEST(std::abs(f.values.back() - 1) < (is_double ? 1e-8 : 1e-5));
  const std::vector<double> logp = m.log_density({real(0.75), real(6.75), real(-11.25)});
  BOOST_TEST(std::abs(logp[0] - logp[1]) < (is_double ? 1e-12 : 1e-4));
  BOOST_TEST(std::abs(logp[0] - logp[2]) < (is_double ? 1e-12 : 1e-4));
}

BOOST_AUTO_TEST_CASE(far_out_nothing_is_nan) {
  const real inf = std::numeric_limits<real>::infinity(), most = std::numeric_limits<real>::max();
  for (const Line& l : lines) {
    const Model m = line(l.base);
    for (double logp : m.log_density({inf, -inf, most, -most, real(1e20), real(1e-42), 0}))
      BOOST_TEST(!std::isnan(logp), l.base);
    BOOST_TEST(std::isnan(m.log_density({std::numeric_limits<real>::quiet_NaN()})[0]), l.base);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

// Whole densities: they integrate to 1, and samples are distributed as they say.
#include <array>
#include <boost/test/unit_test.hpp>

#include "flow/model.h"

namespace flow::test {

namespace {

constexpr bool is_double = sizeof(real) == 8;

// The trapezium rule, which for smooth densities that end in 0 converges faster than any power:
// the moments 1, -log p, x_1, x_2, x_1^2, x_1 x_2, x_2^2 of a density in the plane.
using Moments = std::array<double, 7>;

Moments moments_of(double x, double y, double logp) {
  return {1, -logp, x, y, x * x, x * y, y * y};
}

Moments integrate(const Model& m, double low, double high, std::size_t steps) {
  const double step = (high - low) / static_cast<double>(steps);
  Moments sum{};
  std::vector<real> rows(2 * (steps + 1));
  for (std::size_t i = 0; i <= steps; ++i) {
    for (std::size_t j = 0; j <= steps; ++j) {
      rows[2 * j] = static_cast<real>(low + step * static_cast<double>(i));
      rows[2 * j + 1] = static_cast<real>(low + step * static_cast<double>(j));
    }
    const std::vector<double> logp = m.log_density(rows);
    for (std::size_t j = 0; j <= steps; ++j) {
      if (!(logp[j] > -600)) continue;  // and -Inf beyond the support
      const Moments v = moments_of(static_cast<double>(rows[2 * j]),
                                   static_cast<double>(rows[2 * j + 1]), logp[j]);
      for (std::size_t k = 0; k < v.size(); ++k) sum[k] += std::exp(logp[j]) * v[k] * step * step;
    }
  }
  return sum;
}

double integrate_line(const Model& m, double low, double high, std::size_t steps) {
  const double step = (high - low) / static_cast<double>(steps);
  std::vector<real> rows;
  for (std::size_t i = 0; i <= steps; ++i)
    rows.push_back(static_cast<real>(low + step * static_cast<double>(i)));
  double sum = 0;
  for (double logp : m.log_density(rows)) sum += std::exp(logp) * step;
  return sum;
}

// Means over samples agree with the integrals within 4.5 standard errors.
void check_samples(const Model& m, const Moments& want, std::size_t count) {
  std::vector<real> rows(2 * count);
  Evaluator(*m.flow, m.table, m.theta, 2)
      .sample(Random(3, Stream::sample), 0, count, 1, rows.data());
  const std::vector<double> logp = m.log_density(rows, 2);
  Moments sum{}, squares{};
  for (std::size_t i = 0; i < count; ++i) {
    const Moments v =
        moments_of(static_cast<double>(rows[2 * i]), static_cast<double>(rows[2 * i + 1]), logp[i]);
    for (std::size_t k = 0; k < v.size(); ++k) sum[k] += v[k], squares[k] += v[k] * v[k];
  }
  const double n = static_cast<double>(count);
  for (std::size_t k = 1; k < sum.size(); ++k) {
    const double mean = sum[k] / n, error = std::sqrt((squares[k] / n - mean * mean) / n);
    BOOST_TEST(std::abs(mean - want[k]) < 4.5 * error,
               "moment " << k << ": " << mean << " +- " << error << ", integral " << want[k]);
  }
}

struct Plane {
  const char* name;
  const char* yaml;
  double spread, low, high;
};

// Smooth nets: a ReLU's kinks would cost the quadrature its digits.
const Plane planes[] = {
    {"realnvp", R"(
net: {hidden: [12], activation: tanh}
layers:
  - repeat: 2
    layers:
      - {kind: affine-coupling, condition: first}
      - {kind: affine-coupling, condition: second, gain: learned, net: {kind: pair,
         scale: {hidden: [6]}, shift: {hidden: [6], activation: silu}}}
      - kind: actnorm
      - kind: linear
)",
     0.3, -18, 18},
    {"nice", R"(
base: logistic
net: {hidden: [12], activation: tanh}
layers:
  - {kind: permute, order: interleave}
  - {kind: additive-coupling, condition: first}
  - {kind: additive-coupling, condition: second}
  - {kind: additive-coupling, condition: first}
  - kind: diagonal
)",
     0.4, -44, 44},
    // A gain far below 1 would pile the density up at the ends of the box, beyond any grid.
    {"logit-box", R"(
net: {hidden: [12], activation: tanh}
layers:
  - {kind: logit, low: -1, high: 2, alpha: 0.05}
  - {kind: affine-coupling, condition: second, gain: sigmoid}
  - {kind: permute, order: reverse}
  - {kind: affine-coupling, condition: second, gain: soft-clip, bound: 1}
)",
     0.12, -1.2, 2.2},
    {"learned-base", R"(
base: diagonal-normal
layers:
  - {kind: linear}
  - {kind: affine-coupling, net: {hidden: [], start: 0.1}}
)",
     0.5, -16, 16},
};

BOOST_AUTO_TEST_SUITE(density)

BOOST_AUTO_TEST_CASE(planes_integrate_to_1_and_samples_agree) {
  for (const Plane& p : planes) {
    const Model m(p.yaml, 2, p.spread);
    const Moments found = integrate(m, p.low, p.high, 640);
    BOOST_TEST_MESSAGE(p.name << ": " << found[0] - 1 << ", entropy " << found[1]);
    BOOST_TEST(std::abs(found[0] - 1) < (is_double ? 1e-6 : 5e-6), p.name);
    check_samples(m, found, 200000);
  }
}

BOOST_AUTO_TEST_CASE(lines_integrate_to_1) {
  const char* const bases[] = {"normal", "logistic", "diagonal-normal"};
  for (const std::string base : bases) {
    Model m("base: " + base +
                "\nlayers:\n  - kind: standardise\n  - kind: actnorm\n"
                "  - kind: diagonal\n  - kind: linear\n  - kind: batch-norm\n",
            1, 0.3);
    // Statistics of rows around 3 with deviation 2, as a training run would set them.
    std::vector<real> rows = normal_rows(256, 1, 2, 3);
    start_from_data(*m.flow, m.table, m.theta, {rows.data(), 256, 1, 256}, StartOf::all, 1);
    BOOST_TEST(std::abs(integrate_line(m, -150, 156, 20000) - 1) < (is_double ? 1e-6 : 1e-5), base);
  }
}

BOOST_AUTO_TEST_CASE(bounded_lines_integrate_to_1) {
  const Model box("layers:\n  - kind: logit\n  - kind: diagonal\n", 1, 0.3, {1, 16, 48});
  BOOST_TEST(std::abs(integrate_line(box, 15, 49, 20000) - 1) < (is_double ? 1e-6 : 1e-5));
  const Model half("layers:\n  - {kind: log, low: -2}\n  - kind: diagonal\n", 1, 0.3);
  BOOST_TEST(std::abs(integrate_line(half, -2.5, 700, 4000000) - 1) < (is_double ? 1e-6 : 5e-5));
  BOOST_TEST(std::isinf(half.log_density({-2})[0]));
  BOOST_TEST(std::isinf(box.log_density({50})[0]));
}

BOOST_AUTO_TEST_CASE(temperature_scales_about_the_centre) {
  for (const char* base :
       {"normal", "logistic", "diagonal-normal", "laplace", "student-t", "box"}) {
    const Model m(std::string("base: ") + base + "\nlayers:\n  - kind: actnorm\n  - kind: linear\n",
                  3, 0.4);
    const std::size_t n = 50;
    std::vector<real> cold(3 * n), half(3 * n), warm(3 * n);
    Evaluator e(*m.flow, m.table, m.theta, 1);
    const Random random(1, Stream::sample);
    e.sample(random, 7, n, 0, cold.data());
    e.sample(random, 7, n, 0.5, half.data());
    e.sample(random, 7, n, 1, warm.data());
    double worst = 0, size = 0;
    for (std::size_t i = 0; i < 3 * n; ++i) {
      BOOST_TEST(cold[i] == cold[i % 3]);  // all rows at the centre
      const double whole = static_cast<double>(warm[i]) - static_cast<double>(cold[i]);
      const double part = static_cast<double>(half[i]) - static_cast<double>(cold[i]);
      worst = std::max(worst, std::abs(part - whole / 2)), size = std::max(size, std::abs(whole));
    }
    BOOST_TEST(worst < (is_double ? 1e-13 : 1e-5));
    BOOST_TEST(size > 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

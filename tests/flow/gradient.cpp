// The gradient of a whole flow, with padding, dropout and batch norm as training meets them.
#include <boost/test/unit_test.hpp>

#include "flow/model.h"

namespace flow::test {

namespace {

constexpr std::size_t d = 5, rows = 48, valid = 37;
constexpr Keys keys{.seed = 2, .first_row = 64, .step = 3};

// L = sum_i w_i log p(x_i) over the valid rows of a training block.
struct Pass {
  const Model& m;
  std::vector<real> x, gradient;
  std::vector<double> weights, logp;
  std::vector<real> dx;
  bool training = true;

  explicit Pass(const Model& model)
      : m(model), x(normal_rows(rows, d)), weights(rows), logp(rows), dx(rows * d) {
    for (std::size_t i = 0; i < valid; ++i) weights[i] = 0.5 + 0.125 * static_cast<double>(i % 5);
  }
  double run(const std::vector<real>& theta) {
    const Aligned<real> derived(m.table.derived_size());
    const FrameSize size = m.flow->training_size(rows);
    const Aligned<real> kept(size.kept), scratch(size.scratch);
    m.flow->prepare(theta, derived, true, 1);
    gradient.assign(m.table.size(), 0);
    std::vector<real> block = x;
    Frame f(rows, theta.data(), derived.data(), gradient.data(), kept, scratch);
    f = training ? f.for_training(valid, keys) : f.with_valid(valid);
    m.flow->gradient({block.data(), rows, d, rows}, {dx.data(), rows, d, rows}, logp, weights, f);
    BOOST_TEST((block == x));
    double sum = 0;
    for (std::size_t i = 0; i < valid; ++i) sum += weights[i] * logp[i];
    return sum;
  }
};

// Every third parameter of the flow, and the rows themselves.
void check_differences(const char* yaml) {
  const Model m(yaml, d, 0.2);
  Pass pass(m), other(m);
  pass.run(m.theta);
  const double h = 1e-5;
  const auto check = [&](real& variable, std::vector<real>& theta, real analytic) {
    const real saved = variable;
    variable = saved + static_cast<real>(h);
    const double up = other.run(theta);
    variable = saved - static_cast<real>(h);
    const double down = other.run(theta);
    variable = saved;
    const double want = static_cast<double>(analytic);
    BOOST_TEST(std::abs((up - down) / (2 * h) - want) < 1e-6 * std::max(1.0, std::abs(want)));
  };
  std::vector<real> theta = m.theta;
  for (const auto& e : m.table.entries())
    for (std::size_t k = e.param.offset; k < e.param.offset + e.param.size(); k += 3)
      if (e.role != Role::buffer) check(theta[k], theta, pass.gradient[k]);
  for (std::size_t i = 0; i < rows; i += 6)
    for (std::size_t j = 0; j < d; ++j) check(other.x[j * rows + i], theta, pass.dx[j * rows + i]);
}

const char* const realnvp = R"(
base: diagonal-normal
net: {hidden: [9, 8], activation: tanh, dropout: 0.25}
layers:
  - kind: actnorm
  - kind: linear
  - {kind: affine-coupling, net: {kind: residual, hidden: [7], activation: silu}}
  - {kind: permute, order: reverse}
  - {kind: affine-coupling, gain: learned, net: {kind: pair, scale: {hidden: [6]},
     shift: {hidden: [6], activation: silu}}}
  - kind: affine-coupling
)";

const char* const with_batch_norm = R"(
net: {hidden: [8], activation: tanh}
layers:
  - kind: affine-coupling
  - kind: batch-norm
  - {kind: affine-coupling, condition: second}
  - kind: batch-norm
)";

BOOST_AUTO_TEST_SUITE(gradient)

// Difference quotients need the digits of double.
const auto in_double = boost::unit_test::enable_if<sizeof(real) == 8>();

BOOST_AUTO_TEST_CASE(of_a_realnvp, *in_double) { check_differences(realnvp); }

BOOST_AUTO_TEST_CASE(of_a_padded_block_under_batch_norm, *in_double) {
  check_differences(with_batch_norm);
}

BOOST_AUTO_TEST_CASE(of_nice, *in_double) {
  check_differences(
      "base: logistic\nnet: {hidden: [8], activation: silu}\nlayers:\n"
      "  - kind: additive-coupling\n  - {kind: additive-coupling, condition: second}\n"
      "  - kind: diagonal\n");
}

BOOST_AUTO_TEST_CASE(of_each_base, *in_double) {
  for (const char* base :
       {"laplace", "student-t", "mixture\nbase-components: 3", "box\nbase-bound: 90"})
    check_differences((std::string("base: ") + base + "\nlayers: [{kind: linear}]\n").c_str());
}

// What stands in the padding is nobody's business.
BOOST_AUTO_TEST_CASE(padding_changes_no_bit) {
  for (const char* yaml : {realnvp, with_batch_norm, every_kind}) {
    const Model m(yaml, d, 0.2);
    Pass a(m), b(m);
    for (std::size_t i = valid; i < rows; ++i)
      for (std::size_t j = 0; j < d; ++j) b.x[j * rows + i] = b.x[j * rows + i - valid] - 1;
    BOOST_TEST(a.run(m.theta) == b.run(m.theta));
    BOOST_TEST((a.gradient == b.gradient));
    for (std::size_t i = valid; i < rows; ++i)
      for (std::size_t j = 0; j < d; ++j) BOOST_TEST(a.dx[j * rows + i] == 0);
  }
}

BOOST_AUTO_TEST_CASE(dropout_is_on_in_training_and_keyed) {
  const Model m(realnvp, d, 0.2);
  Pass pass(m);
  const double training = pass.run(m.theta);
  BOOST_TEST(pass.run(m.theta) == training);
  pass.training = false;
  BOOST_TEST(pass.run(m.theta) != training);
}

// In training the density of a block is that of its own statistics: columns scaled by 1000 and
// moved leave z alone and cost -ln 1000 each.
BOOST_AUTO_TEST_CASE(batch_norm_takes_the_statistics_of_the_block) {
  const Model m("layers:\n  - {kind: batch-norm, epsilon: 1.0e-12}\n", d, 0);
  Pass pass(m);
  pass.run(m.theta);
  const std::vector<double> before = pass.logp;
  for (real& v : pass.x) v = v * 1000 + 500;
  pass.run(m.theta);
  for (std::size_t i = 0; i < valid; ++i)
    BOOST_TEST(std::abs(pass.logp[i] - before[i] + d * std::log(1000.0)) <
               (sizeof(real) == 8 ? 1e-6 : 1e-2));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

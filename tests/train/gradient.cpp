// The gradient of a batch: threads change no bit, and shards only the rounding.
#include "train/gradient.h"

#include <boost/test/unit_test.hpp>

#include "flow/model.h"
#include "support/allocations.h"
#include "train/optimiser.h"

namespace flow::test {

namespace {

constexpr std::size_t d = 4, batch = 300;
constexpr double close = sizeof(real) == 8 ? 1e-12 : 2e-5;

const char* const net = R"(
base: diagonal-normal
net: {hidden: [11]}
layers:
  - kind: actnorm
  - {kind: affine-coupling, net: {hidden: [9], activation: tanh, dropout: 0.3}}
  - kind: linear
  - {kind: affine-coupling, condition: second}
)";

struct Fixture {
  Model m{net, d, 0.2};
  Dataset data{normal_rows(500, d), d, false, 0};
  std::vector<std::uint64_t> rows = Random(4, Stream::test).permutation(500);

  Fixture() { rows.resize(batch); }
  struct Result {
    std::vector<real> gradient;
    double sum;
  };
  Result run(std::size_t shards, std::size_t threads, std::size_t count = batch,
             std::uint32_t step = 1) const {
    TrainSpec spec;
    spec.batch = batch, spec.shards = shards;
    BatchGradient g(*m.flow, m.table, spec, threads);
    const auto r = g.add(m.theta, data, std::span(rows).first(count), 1, step);
    BOOST_TEST(r.weight == static_cast<double>(count));
    return {{g.gradient().begin(), g.gradient().end()}, r.sum};
  }
};

double worst_difference(const std::vector<real>& a, const std::vector<real>& b, double scale = 1) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    worst =
        std::max(worst, std::abs(static_cast<double>(a[i]) - scale * static_cast<double>(b[i])));
  return worst;
}

BOOST_FIXTURE_TEST_SUITE(batch_gradient, Fixture)

// The hot loop: gradient of a batch, then the optimiser; also with noise on the rows.
BOOST_AUTO_TEST_CASE(a_step_allocates_nothing) {
  for (const bool noise : {false, true}) {
    const Dataset rounded(std::vector<real>(500 * d, 3), d, noise, 0);
    TrainSpec spec;
    spec.batch = batch, spec.shards = 4;
    BatchGradient g(*m.flow, m.table, spec, 2);
    Optimiser optimiser(spec.optimiser, spec.average, m.table);
    Weights weights = optimiser.start(m.theta);
    const auto step = [&](std::uint32_t k) {
      g.add(weights.theta, rounded, rows, 1, k);
      optimiser.step(1e-3, weights, g.gradient(), 2);
    };
    step(0);  // starts the threads
    const std::size_t before = allocations();
    for (std::uint32_t k = 1; k < 4; ++k) step(k);
    BOOST_TEST(allocations() == before);
  }
}

BOOST_AUTO_TEST_CASE(threads_change_no_bit) {
  for (std::size_t shards : {1, 2, 5, 8}) {
    const Result one = run(shards, 1);
    for (std::size_t threads : {2, 3, 16}) {
      const Result other = run(shards, threads);
      BOOST_TEST((other.gradient == one.gradient), shards << " shards, " << threads << " threads");
      BOOST_TEST(other.sum == one.sum);
    }
  }
}

// Dropout included: its noise belongs to the row's place in the batch.
BOOST_AUTO_TEST_CASE(shards_change_the_rounding_only) {
  const Result one = run(1, 1);
  double size = 0;
  for (real g : one.gradient) size = std::max(size, std::abs(static_cast<double>(g)));
  BOOST_TEST(size > 0.1);
  for (std::size_t shards : {2, 3, 7, 16}) {
    const Result other = run(shards, 2);
    BOOST_TEST(worst_difference(other.gradient, one.gradient) < close, shards << " shards");
    BOOST_TEST(std::abs(other.sum - one.sum) < close * batch);
  }
}

// Fewer rows than shards: some shards are empty.
BOOST_AUTO_TEST_CASE(few_rows_do) {
  BOOST_TEST(worst_difference(run(16, 2, 3).gradient, run(1, 1, 3).gradient) < close);
  BOOST_TEST(worst_difference(run(16, 2, 1).gradient, run(1, 1, 1).gradient) < close);
}

BOOST_AUTO_TEST_CASE(each_step_drops_other_units) {
  BOOST_TEST((run(2, 1, batch, 1).gradient != run(2, 1, batch, 2).gradient));
}

// One plain pass over all rows in one block, in evaluation: no dropout.
BOOST_AUTO_TEST_CASE(it_is_the_gradient_of_the_mean) {
  const Model plain("base: diagonal-normal\nlayers:\n  - kind: linear\n  - kind: affine-coupling\n",
                    d, 0.2);
  TrainSpec spec;
  spec.batch = batch, spec.shards = 3;
  BatchGradient g(*plain.flow, plain.table, spec, 2);
  const auto found = g.add(plain.theta, data, rows, 1, 1);

  const std::size_t padded = round_up(batch, lanes);
  const FrameSize size = plain.flow->training_size(padded);
  const Aligned<real> derived(plain.table.derived_size()), kept(size.kept), scratch(size.scratch);
  std::vector<real> want(plain.table.size()), x(padded * d), dx(padded * d);
  std::vector<double> logp(padded), dlogp(padded);
  std::fill_n(dlogp.begin(), batch, -1.0 / batch);
  std::vector<real> row(d);
  data.gather(rows, 1, {x.data(), padded, d, padded}, row);
  plain.flow->prepare(plain.theta, derived, true, 1);
  plain.flow->gradient(
      {x.data(), padded, d, padded}, {dx.data(), padded, d, padded}, logp, dlogp,
      Frame(padded, plain.theta.data(), derived.data(), want.data(), kept, scratch));
  double sum = 0;
  for (std::size_t i = 0; i < batch; ++i) sum += logp[i];
  // Summed in another order: a few roundings of the largest sum, which is 47.
  const double largest = static_cast<double>(*std::max_element(want.begin(), want.end()));
  BOOST_TEST(worst_difference({g.gradient().begin(), g.gradient().end()}, want) <
             close / 10 * largest);
  BOOST_TEST(std::abs(found.sum - sum) < close * batch);
}

// One full batch, weights as they are: w gradients of a row are the gradient of w such rows.
BOOST_AUTO_TEST_CASE(integer_weights_are_repeated_rows) {
  const Model plain("base: diagonal-normal\nlayers:\n  - kind: linear\n  - kind: affine-coupling\n",
                    d, 0.2);
  const std::vector<real> few = normal_rows(60, d);
  std::vector<real> repeated;
  std::vector<double> weights;
  for (std::size_t i = 0; i < 60; ++i) {
    weights.push_back(static_cast<double>(i % 4 + 1) / 2.5);  // mean 1
    for (std::size_t k = 0; k <= i % 4; ++k)
      repeated.insert(repeated.end(), few.data() + i * d, few.data() + (i + 1) * d);
  }
  const auto gradient = [&](const Dataset& rows_of) {
    TrainSpec spec;
    spec.batch = rows_of.rows(), spec.shards = 3;
    BatchGradient g(*plain.flow, plain.table, spec, 2);
    const auto order = Random(0, Stream::test).permutation(rows_of.rows());
    const auto found = g.add(plain.theta, rows_of, order, 1, 1);
    return Result{{g.gradient().begin(), g.gradient().end()}, found.mean()};
  };
  const Result weighted = gradient({few, d, false, 0, {}, 0, weights});
  const Result counted = gradient({repeated, d, false, 0}), alike = gradient({few, d, false, 0});
  BOOST_TEST(worst_difference(weighted.gradient, counted.gradient) < close);
  BOOST_TEST(std::abs(weighted.sum - counted.sum) < close);
  BOOST_TEST(worst_difference(weighted.gradient, alike.gradient) > 1000 * close);
}

BOOST_AUTO_TEST_CASE(it_is_added_to_what_is_there) {
  TrainSpec spec;
  spec.batch = batch, spec.shards = 4;
  BatchGradient g(*m.flow, m.table, spec, 2);
  g.add(m.theta, data, rows, 1, 1);
  const std::vector<real> once(g.gradient().begin(), g.gradient().end());
  g.add(m.theta, data, rows, 1, 1);
  BOOST_TEST(worst_difference({g.gradient().begin(), g.gradient().end()}, once, 2) < 4 * close);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

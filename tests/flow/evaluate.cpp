// Scores, latents and samples of any number of rows: the bits of a row depend on nothing but the
// row.
#include "flow/evaluate.h"

#include <boost/test/unit_test.hpp>
#include <numeric>

#include "flow/model.h"

namespace flow::test {

namespace {

constexpr std::size_t d = 5, n = 3 * block_rows + 21;
constexpr double close = sizeof(real) == 8 ? 1e-9 : 2e-2;  // a gain near 0 costs float its digits

struct Fixture {
  Model m{every_kind, d, 0.2};
  std::vector<real> rows = normal_rows(n, d, 2, 0.5);

  Fixture() {
    std::vector<real> sample = normal_rows(256, d, 2, 0.5);
    start_from_data(*m.flow, m.table, m.theta, {sample.data(), 256, d, 256}, StartOf::all, 1);
  }
  Evaluator evaluator(std::size_t threads) const { return {*m.flow, m.table, m.theta, threads}; }
};

BOOST_FIXTURE_TEST_SUITE(evaluate, Fixture)

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits) {
  const std::vector<double> one = m.log_density(rows, 1);
  BOOST_TEST(m.log_density(rows, 2) == one);
  BOOST_TEST(m.log_density(rows, 3) == one);
  BOOST_TEST(std::all_of(one.begin(), one.end(), [](double l) { return std::isfinite(l); }));

  std::vector<real> sample(n * d), other(n * d);
  evaluator(1).sample(Random(1, Stream::sample), 0, n, 1, sample.data());
  evaluator(3).sample(Random(1, Stream::sample), 0, n, 1, other.data());
  BOOST_TEST((sample == other));
}

BOOST_AUTO_TEST_CASE(any_chunks_give_the_same_bits) {
  const std::vector<double> whole = m.log_density(rows);
  std::vector<real> z = rows, sample(n * d);
  Evaluator e = evaluator(2);
  e.encode(z.data(), n, {}, m.flow->depth());
  e.sample(Random(1, Stream::sample), 40, n, 1, sample.data());
  for (std::size_t chunk : {1, 7, 16, 127, 128, 130}) {
    std::vector<double> logp(n), logdet(n);
    std::vector<real> latents = rows, drawn(n * d);
    for (std::size_t first = 0; first < n; first += chunk) {
      const std::size_t count = std::min(chunk, n - first);
      e.log_density(rows.data() + first * d, count, {logp.data() + first, count});
      e.encode(latents.data() + first * d, count, {logdet.data() + first, count}, m.flow->depth());
      e.sample(Random(1, Stream::sample), 40 + first, count, 1, drawn.data() + first * d);
    }
    BOOST_TEST(logp == whole, "chunks of " << chunk);
    BOOST_TEST((latents == z), "chunks of " << chunk);
    BOOST_TEST((drawn == sample), "chunks of " << chunk);
  }
}

// The rows end where they end: what is behind them is not looked at.
BOOST_AUTO_TEST_CASE(padding_repeats_the_last_row) {
  const std::vector<real> three{1, 2, 3, 4, 5, 6, -7, -8};  // rows of two, and what is behind them
  std::vector<real> block(2 * lanes), back(6);
  const Mat x{block.data(), lanes, 2, lanes};
  rows_to_block(three.data(), 3, x);
  for (std::size_t i = 0; i < lanes; ++i) {
    BOOST_TEST(x(i, 0) == three[2 * std::min<std::size_t>(i, 2)]);
    BOOST_TEST(x(i, 1) == three[2 * std::min<std::size_t>(i, 2) + 1]);
  }
  block_to_rows(x, 3, back.data());
  BOOST_TEST((back == std::vector<real>(three.begin(), three.begin() + 6)));
}

BOOST_AUTO_TEST_CASE(no_rows_are_no_rows) {
  BOOST_CHECK_NO_THROW(evaluator(2).log_density(rows.data(), 0, {}));
}

BOOST_AUTO_TEST_CASE(decode_undoes_encode) {
  for (std::size_t last = 0; last <= m.flow->depth(); ++last) {
    std::vector<real> z = rows;
    std::vector<double> there(n), back(n);
    Evaluator e = evaluator(2);
    e.encode(z.data(), n, there, last);
    e.decode(z.data(), n, back, last);
    double worst = 0, worst_logdet = 0;
    for (std::size_t i = 0; i < n * d; ++i)
      worst = std::max(worst, std::abs(static_cast<double>(z[i] - rows[i])));
    for (std::size_t i = 0; i < n; ++i)
      worst_logdet = std::max(worst_logdet, std::abs(there[i] + back[i]));
    BOOST_TEST(worst < close, "layers up to " << last);
    BOOST_TEST(worst_logdet < close);
  }
}

BOOST_AUTO_TEST_CASE(layers_sum_to_the_density) {
  const std::size_t parts = m.flow->depth() + 1;
  const std::vector<double> whole = m.log_density(rows);
  std::vector<double> by_layer(n * parts), logdet(n);
  evaluator(2).log_density_by_layer(rows.data(), n, by_layer);
  const double bound = sizeof(real) == 8 ? 1e-11 : 1e-5;  // linear layers one by one, or as one
  std::vector<real> z = rows;
  evaluator(1).encode(z.data(), n, logdet, 4);
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0, first = 0;
    for (std::size_t k = 0; k < parts; ++k) {
      sum += by_layer[i * parts + k];
      if (k < 4) first += by_layer[i * parts + k];
    }
    BOOST_TEST(std::abs(sum - whole[i]) < bound * std::max(1.0, std::abs(whole[i])));
    BOOST_TEST(std::abs(first - logdet[i]) < bound);
  }
}

// From the first of the neighbouring layers that mix or move columns to the last; a pass that ends
// inside of them goes layer by layer.
BOOST_AUTO_TEST_CASE(linear_layers_are_one_product) {
  const char* const layers = R"(
net: {hidden: [9]}
layers:
  - {kind: permute, order: reverse}
  - {kind: linear, start: rotation}
  - kind: diagonal
  - {kind: orthogonal, reflections: 3}
  - kind: affine-coupling
  - {kind: permute, order: random}
  - kind: actnorm
  - {kind: linear, parameterisation: qr}
  - {kind: linear, parameterisation: dense}
)";
  const Model mixed(layers, d, 0.2);
  Evaluator e(*mixed.flow, mixed.table, mixed.theta, 2);
  BOOST_TEST(e.linear_runs().size() == 2u);
  BOOST_TEST(e.linear_runs()[0].first() == 0u);
  BOOST_TEST(e.linear_runs()[0].last() == 4u);
  BOOST_TEST(e.linear_runs()[1].first() == 7u);
  BOOST_TEST(e.linear_runs()[1].last() == 9u);

  const std::size_t parts = mixed.flow->depth() + 1;
  const double bound = sizeof(real) == 8 ? 1e-12 : 1e-4;
  std::vector<double> whole(n), by_layer(n * parts);
  e.log_density(rows.data(), n, whole);
  e.log_density_by_layer(rows.data(), n, by_layer);
  for (std::size_t i = 0; i < n; ++i) {
    const auto first = by_layer.begin() + static_cast<std::ptrdiff_t>(i * parts);
    const double sum = std::accumulate(first, first + static_cast<std::ptrdiff_t>(parts), 0.0);
    BOOST_TEST(std::abs(whole[i] - sum) < bound * std::max(1.0, std::abs(sum)));
  }
  for (std::size_t last = 0; last < parts; ++last)
    for (std::size_t first = 0; first <= last; ++first) {
      std::vector<real> z = rows, at_first = rows;
      std::vector<double> there(n), before(n), back(n);
      e.encode(at_first.data(), n, before, first);
      e.encode(z.data(), n, there, last);
      e.decode(z.data(), n, back, last, first);
      double worst = 0, worst_logdet = 0;
      for (std::size_t i = 0; i < n * d; ++i)
        worst = std::max(worst, std::abs(static_cast<double>(z[i] - at_first[i])));
      for (std::size_t i = 0; i < n; ++i)
        worst_logdet = std::max(worst_logdet, std::abs(there[i] + back[i] - before[i]));
      BOOST_TEST(worst < 10 * bound, "layers " << first << " to " << last);
      BOOST_TEST(worst_logdet < bound);
    }
}

BOOST_AUTO_TEST_CASE(samples_of_one_row_differ_from_another) {
  std::vector<real> a(d * 2);
  evaluator(1).sample(Random(1, Stream::sample), 0, 2, 1, a.data());
  BOOST_TEST(a[0] != a[d]);
}

BOOST_AUTO_TEST_CASE(dropout_is_off) {
  for (const char* net : {"{hidden: [9, 8], activation: relu", "{hidden: [9], activation: tanh",
                          "{hidden: [9], activation: silu", "{kind: residual, hidden: [9]"}) {
    const std::string layers =
        "layers:\n  - kind: affine-coupling\n  - kind: affine-coupling\nnet: ";
    const Model plain(layers + net + "}\n", d, 0.3);
    const Model dropped(layers + net + ", dropout: 0.5}\n", d, 0.3);
    BOOST_TEST(plain.log_density(rows) == dropped.log_density(rows));
  }
}

// Gains as small as they come make z infinite, and Inf - Inf in the next layer NaN.
BOOST_AUTO_TEST_CASE(a_row_that_overflows_has_density_0) {
  const Model steep(
      "net: {hidden: [8]}\nlayers:\n  - repeat: 3\n    layers:\n"
      "      - {kind: affine-autoregressive, direction: inverse, gain: sigmoid}\n"
      "      - kind: linear\n",
      4, 30);
  std::vector<real> far = normal_rows(64, 4, 1e6);
  for (double logp : steep.log_density(far)) BOOST_TEST(!std::isnan(logp));
  far[5] = std::numeric_limits<real>::quiet_NaN();
  BOOST_TEST(std::isnan(steep.log_density(far)[1]));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

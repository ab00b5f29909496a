// Rows with missing cells: a density of the observed cells for each mask.
#include "core/missing.h"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "core/error.h"
#include "flow/model.h"
#include "support/dense_jacobian.h"

namespace flow::test {

namespace {

using Type = Column::Type;

constexpr bool is_double = sizeof(real) == 8;
constexpr real nan = std::numeric_limits<real>::quiet_NaN();

const char* const able = R"(
base: logistic
net: {hidden: [9, 7], activation: tanh}
layers:
  - {kind: affine-autoregressive, gain: sigmoid}
  - {kind: permute, order: random}
  - {kind: spline-coupling, bins: 4, bound: 3}
  - {kind: affine-coupling, gain: learned, condition: second}
  - {kind: permute, order: reverse}
  - {kind: spline-autoregressive, bins: 3, bound: 4}
  - {kind: mixture-autoregressive, components: 2}
  - {kind: additive-coupling, net: {kind: residual, hidden: [6], activation: silu}}
)";

// Columns of each map that a type has: line, asinh, log, logit, levels.
std::vector<Column> types(std::size_t d) {
  const std::vector<Column> all = {{},
                                   {.robust = true},
                                   {.type = Type::positive, .low = -9},
                                   {.type = Type::interval, .low = -9, .high = 9},
                                   {.type = Type::integer, .low = -9, .high = 9}};
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(d)};
}

DataFacts facts(std::size_t d, std::size_t context = 0) {
  return {.context = context, .types = types(d), .marginal = true};
}

// x with a context of ones, the cells of zero bits of `there` missing, and its mask.
std::vector<real> masked(const std::vector<real>& x, std::size_t there, std::size_t context) {
  std::vector<real> row = x;
  for (std::size_t j = 0; j < x.size(); ++j)
    if (!(there >> j & 1)) row[j] = nan;
  row.resize(2 * x.size() + context, 1);
  mark_observed({row.data(), x.size()}, row.data() + x.size() + context);
  return row;
}

double score(const Model& m, const std::vector<real>& rows) {
  double logp = 0;
  Evaluator(*m.flow, m.table, m.theta, 1).log_density(rows.data(), 1, {&logp, 1});
  return logp;
}

const std::vector<real> a_row = {real(0.3), real(-1.2), real(0.8), real(2.1), real(9.4)};

BOOST_AUTO_TEST_SUITE(missing_cells)

const auto in_double = boost::unit_test::enable_if<is_double>();

BOOST_AUTO_TEST_CASE(logdet_is_that_of_the_observed_part_of_the_jacobian, *in_double) {
  constexpr std::size_t d = 5, c = 2;
  const Model m(able, d, 0.4, facts(d, c));
  Evaluator e(*m.flow, m.table, m.theta, 1);
  for (std::size_t there = 0; there < (1u << d); ++there) {
    const std::vector<real> row = masked(a_row, there, c);
    const auto encoded = [&](std::size_t k, double by) {
      std::vector<real> z = row;
      z[k] += static_cast<real>(by);
      e.encode(z.data(), 1, {}, m.flow->depth());
      return z;
    };
    std::vector<real> z = row;
    double logdet = 0;
    e.encode(z.data(), 1, {&logdet, 1}, m.flow->depth());
    std::vector<double> jacobian;
    std::size_t n = 0;
    for (std::size_t k = 0; k < d; ++k) {
      if (!(there >> k & 1)) continue;
      const double h = 1e-5;
      const std::vector<real> up = encoded(k, h), down = encoded(k, -h);
      ++n;
      for (std::size_t j = 0; j < d; ++j)  // latents of missing cells are missing
        if (!std::isnan(z[j])) jacobian.push_back(static_cast<double>(up[j] - down[j]) / (2 * h));
    }
    BOOST_REQUIRE(jacobian.size() == n * n);
    BOOST_TEST(std::abs(log_abs_det(jacobian, n) - logdet) < 1e-6, "mask " << there);
  }
}

BOOST_AUTO_TEST_CASE(a_whole_row_scores_as_without_the_option) {
  constexpr std::size_t d = 5;
  const Model m(able, d, 0.4, facts(d)), plain(able, d, 0.4, {.context = d, .types = types(d)});
  BOOST_REQUIRE((m.theta == plain.theta));
  const std::vector<real> row = masked(a_row, (1 << d) - 1, 0);
  BOOST_TEST(std::abs(score(m, row) - score(plain, row)) < (is_double ? 1e-12 : 1e-4));
}

BOOST_AUTO_TEST_CASE(what_stood_in_a_missing_cell_has_no_influence) {
  constexpr std::size_t d = 5;
  const Model m(able, d, 0.4, facts(d));
  std::vector<real> row = masked(a_row, 0b10110, 0), other = row;
  for (std::size_t j = 0; j < d; ++j)
    if (std::isnan(row[j])) other[j] = -std::numeric_limits<real>::signaling_NaN();
  BOOST_TEST(score(m, row) == score(m, other));
  BOOST_TEST(std::isfinite(score(m, row)));
  BOOST_TEST(score(m, masked(a_row, 0, 0)) == 0);  // the density of nothing is 1
  // Another mask, another density: the observed cells alone do not decide.
  row[d] = 1;
  BOOST_TEST(score(m, row) != score(m, other));
}

BOOST_AUTO_TEST_CASE(each_mask_has_a_density_that_integrates_to_one) {
  const char* smooth =
      "net: {hidden: [8], activation: tanh}\nlayers:\n  - {kind: affine-autoregressive, bound: 1}\n"
      "  - {kind: permute, order: reverse}\n  - {kind: mixture-coupling, components: 2}\n";
  const Model m(smooth, 2, 0.5, {.types = std::vector<Column>(2), .marginal = true});
  Evaluator e(*m.flow, m.table, m.theta, 1);
  constexpr std::size_t steps = 480;
  constexpr double low = -60, step = 120.0 / steps;
  for (std::size_t there = 1; there < 4; ++there) {
    double sum = 0;
    const std::size_t second = there == 3 ? steps : 1;
    std::vector<real> rows;
    for (std::size_t i = 0; i < steps; ++i)
      for (std::size_t j = 0; j < second; ++j) {
        const double x = low + step * static_cast<double>(i),
                     y = low + step * static_cast<double>(j);
        const real cell = static_cast<real>(x);
        const auto row = masked({cell, there == 3 ? static_cast<real>(y) : cell}, there, 0);
        rows.insert(rows.end(), row.begin(), row.end());
      }
    std::vector<double> logp(rows.size() / 4);
    e.log_density(rows.data(), logp.size(), logp);
    for (double l : logp) sum += std::exp(l) * (there == 3 ? step * step : step);
    BOOST_TEST(std::abs(sum - 1) < (is_double ? 1e-6 : 1e-4), "mask " << there << ": " << sum);
  }
}

BOOST_AUTO_TEST_CASE(rows_come_back_from_their_latents) {
  constexpr std::size_t d = 5;
  const Model m(able, d, 0.4, facts(d));
  Evaluator e(*m.flow, m.table, m.theta, 1);
  for (std::size_t there = 0; there < (1u << d); ++there) {
    const std::vector<real> row = masked(a_row, there, 0);
    std::vector<real> back = row;
    double up = 0, down = 0;
    e.encode(back.data(), 1, {&up, 1}, m.flow->depth());
    for (std::size_t j = 0, left = 0; j < d; ++j) {
      left += std::isnan(back[j]);
      if (j + 1 == d) BOOST_TEST(left == d - static_cast<std::size_t>(__builtin_popcountll(there)));
    }
    e.decode(back.data(), 1, {&down, 1}, m.flow->depth());
    BOOST_TEST(std::abs(up + down) < (is_double ? 1e-9 : 1e-2));
    for (std::size_t j = 0; j < d; ++j) {
      BOOST_TEST(std::isnan(back[j]) == std::isnan(row[j]));
      if (there >> j & 1) BOOST_TEST(std::abs(back[j] - row[j]) < (is_double ? 1e-9 : 1e-2));
    }
  }
}

// Of every third parameter, over a block with all masks.
BOOST_AUTO_TEST_CASE(the_gradient_is_that_of_the_observed_cells, *in_double) {
  constexpr std::size_t d = 5, n = 32;
  const Model m(able, d, 0.3, facts(d));
  std::vector<real> block(n * 2 * d);
  for (std::size_t i = 0; i < n; ++i)
    rows_to_block(masked(a_row, i, 0).data(), 1, {block.data() + i, 1, 2 * d, n});
  const Aligned<real> derived(m.table.derived_size());
  const FrameSize size = m.flow->training_size(n);
  const Aligned<real> kept(size.kept), scratch(size.scratch);
  std::vector<real> gradient, dx(n * d);
  const std::vector<double> weights(n, 1);
  const auto run = [&](const std::vector<real>& theta) {
    std::fill_n(kept.data(), kept.size(), nan), std::fill_n(scratch.data(), scratch.size(), nan);
    m.flow->prepare(theta, derived, true, 1);
    gradient.assign(m.table.size(), 0);
    std::vector<real> all = block;
    std::vector<double> logp(n);
    const Mat x{all.data(), n, 2 * d, n};
    m.flow->gradient(x.columns(0, d), {dx.data(), n, d, n}, logp, weights,
                     Frame(n, theta.data(), derived.data(), gradient.data(), kept, scratch)
                         .with_context(x.columns(d, d)));
    for (std::size_t k = 0; k < all.size(); ++k)  // x again
      BOOST_REQUIRE((all[k] == block[k] || (std::isnan(all[k]) && std::isnan(block[k]))));
    double sum = 0;
    for (double l : logp) sum += l;
    return sum;
  };
  std::vector<real> theta = m.theta;
  run(theta);
  const std::vector<real> analytic = gradient;
  for (std::size_t k = 0; k < dx.size(); ++k)
    BOOST_TEST((std::isnan(block[k]) ? dx[k] == 0 : std::isfinite(dx[k])));
  for (const auto& e : m.table.entries())
    for (std::size_t k = e.param.offset; k < e.param.offset + e.param.size(); k += 3) {
      if (e.role == Role::buffer) continue;
      const real h = real(1e-5), saved = theta[k];
      theta[k] = saved + h;
      const double up = run(theta);
      theta[k] = saved - h;
      const double down = run(theta);
      theta[k] = saved;
      const double want = static_cast<double>(analytic[k]);
      BOOST_TEST(std::abs((up - down) / 2e-5 - want) < 1e-6 * std::max(1.0, std::abs(want)));
    }
}

BOOST_AUTO_TEST_CASE(columns_start_from_the_cells_that_are_there) {
  Model m("layers: []\n", 1, 0, {.types = types(1), .marginal = true});
  std::vector<real> x(2 * lanes, 1);
  for (std::size_t i = 0; i < lanes; ++i) x[i] = i % 2 ? nan : i % 4 ? 7 : 3;
  for (std::size_t i = 0; i < lanes; ++i) x[lanes + i] = i % 2 ? 0 : 1;
  start_from_data(*m.flow, m.table, m.theta, {x.data(), lanes, 2, lanes}, StartOf::all, 1);
  BOOST_TEST(m.theta[0] == 5);
  BOOST_TEST(m.theta[1] == 2);
}

BOOST_AUTO_TEST_CASE(what_cannot_leave_cells_out_is_refused_by_name) {
  const auto refused = [](const std::string& yaml, const char* name) {
    try {
      Model(yaml, 3, 0, facts(3));
    } catch (const Error& e) {
      return e.code() == Exit::usage && std::string(e.what()).find(name) != std::string::npos;
    }
    return false;
  };
  for (const char* kind : {"actnorm", "linear", "batch-norm", "standardise", "orthogonal"})
    BOOST_TEST(refused("layers: [{kind: " + std::string(kind) + "}]\n", kind));
  BOOST_TEST(refused("layers: [{kind: affine-autoregressive, direction: inverse}]\n", "inverse"));
  for (const char* base : {"diagonal-normal", "student-t", "mixture"})
    BOOST_TEST(refused("base: " + std::string(base) + "\nlayers: []\n", "base"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

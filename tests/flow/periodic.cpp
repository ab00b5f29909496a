// Densities of tables with periodic columns: once round the circle they integrate to 1, they are
// the same at both ends, smoothly, and draws follow them.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>

#include "flow/condition.h"
#include "flow/model.h"

namespace flow::test {

namespace {

using Type = Column::Type;

constexpr double period = 24;
const Column circle{.type = Type::periodic, .low = 0, .step = 0, .period = period};

const char* const layers = R"(
base: diagonal-normal
net: {hidden: [9, 7], activation: tanh}
layers:
  - kind: actnorm
  - {kind: affine-coupling, bound: 0.5}
  - {kind: permute, order: reverse}
  - {kind: spline-coupling, bins: 4, bound: 3}
  - {kind: affine-autoregressive, gain: sigmoid, net: {hidden: [8]}}
)";

Model model(const std::vector<Column>& types, double spread = 0.2) {
  return {layers, types.size(), spread, {.types = types}};
}

double score(const Model& m, std::vector<real> row) { return m.log_density(row)[0]; }

BOOST_AUTO_TEST_SUITE(periodic_columns)

BOOST_AUTO_TEST_CASE(one_angle_integrates_to_one_and_closes) {
  const Model m = model({circle});
  constexpr std::size_t n = 20000;
  std::vector<real> rows;
  for (std::size_t i = 0; i < n; ++i)
    rows.push_back(static_cast<real>(period * (static_cast<double>(i) + 0.5) / n));
  double sum = 0, least = 1, most = 0;
  for (double l : m.log_density(rows)) {
    sum += std::exp(l) * period / n;
    least = std::min(least, std::exp(l)), most = std::max(most, std::exp(l));
  }
  BOOST_TEST(std::abs(sum - 1) < 1e-4, sum);
  BOOST_TEST(most > 1.2 * least);  // it is not uniform
  for (double x : {0.0, 3.0, 23.9})
    for (int turns : {-1, 1})
      BOOST_TEST(std::abs(score(m, {static_cast<real>(x)}) -
                          score(m, {static_cast<real>(x + turns * period)})) < 1e-4);
}

// Angles stand between other columns; the integral runs over an angle and a number beside it.
BOOST_AUTO_TEST_CASE(an_angle_and_a_number_integrate_to_one) {
  const Model m = model({circle, {}});
  constexpr std::size_t n = 400, lines = 2000;
  const double high = 40, step = 2 * high / lines;
  double sum = 0;
  for (std::size_t k = 0; k < lines; ++k) {
    std::vector<real> rows;
    for (std::size_t i = 0; i < n; ++i) {
      rows.push_back(static_cast<real>(period * (static_cast<double>(i) + 0.5) / n));
      rows.push_back(static_cast<real>(-high + (static_cast<double>(k) + 0.5) * step));
    }
    for (double l : m.log_density(rows)) sum += std::exp(l) * step * period / n;
  }
  BOOST_TEST(std::abs(sum - 1) < 1e-3, sum);
}

BOOST_AUTO_TEST_CASE(the_density_of_every_column_is_the_same_at_both_ends_of_an_angle) {
  const Model m = model({{}, circle, {}, circle, {}});
  const std::vector<real> rows = normal_rows(20, 5);
  double moved = 0;
  for (std::size_t i = 0; i < 20; ++i)
    for (std::size_t j : {1U, 3U}) {
      const auto at = [&](double angle) {
        std::vector<real> row(rows.begin() + static_cast<std::ptrdiff_t>(5 * i),
                              rows.begin() + static_cast<std::ptrdiff_t>(5 * i + 5));
        row[j] = static_cast<real>(angle);
        return score(m, row);
      };
      BOOST_TEST(std::abs(at(0) - at(period)) < 1e-3);
      BOOST_TEST(std::abs(at(1e-4) - at(period - 1e-4)) < 0.02);  // no step there
      moved = std::max(moved, std::abs(at(0) - at(period / 2)));
    }
  BOOST_TEST(moved > 0.2);  // and the angles do matter
}

BOOST_AUTO_TEST_CASE(rows_come_back_the_short_way_and_draws_are_independent_angles) {
  const Model m = model({{}, circle, circle, {}});
  std::vector<real> x = normal_rows(500, 4, 4, 12);
  x[1] = 0, x[5] = static_cast<real>(period);
  std::vector<real> back = x;
  Evaluator evaluator(*m.flow, m.table, m.theta, 1);
  evaluator.encode(back.data(), 500, {}, m.flow->depth());
  for (std::size_t i = 0; i < 500; ++i)
    for (std::size_t j : {2U, 3U}) BOOST_TEST(std::abs(back[4 * i + j]) < 3.1416);
  evaluator.decode(back.data(), 500, {}, m.flow->depth());
  RoundTrip trip{.periods = {0, period, period, 0}};
  trip.add(x, back, 4, 0);
  BOOST_TEST(trip.worst < 1e-3, trip.worst);
  const double c = condition(evaluator, *m.flow, x, trip),
               straight = condition(evaluator, *m.flow, x);
  BOOST_TEST((trip.worst <= round_trip_per_condition * c && c < straight), c << " " << straight);

  const Model start = model({{}, circle, circle, {}}, 0);  // the identity: the base itself
  constexpr std::size_t n = 20000;
  std::vector<real> drawn(4 * n);
  Evaluator(*start.flow, start.table, start.theta, 2)
      .sample(Random(1, Stream::sample), 0, n, 3, drawn.data());
  double turn[2] = {}, products[2] = {};
  for (std::size_t i = 0; i < n; ++i) {
    const auto angle = [&](std::size_t j) {
      return 2 * std::numbers::pi * static_cast<double>(drawn[4 * i + j]) / period;
    };
    for (std::size_t k : {0U, 1U}) turn[k] += std::cos((static_cast<double>(k) + 1) * angle(1)) / n;
    products[0] += std::cos(angle(1)) * std::cos(angle(2)) / n;
    products[1] += std::cos(angle(1)) * static_cast<double>(drawn[4 * i]) / (3.0 * n);
  }
  for (double v : {turn[0], turn[1], products[0], products[1]}) BOOST_TEST(std::abs(v) < 0.03);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

// The condition estimate against flows for which it is known, and float round trips against it.
#include "flow/condition.h"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "flow/model.h"

namespace flow::test {

namespace {

constexpr double eps = std::numeric_limits<real>::epsilon();

double estimate(const Model& m, const std::vector<real>& rows, std::uint32_t probes = 400) {
  Evaluator evaluator(*m.flow, m.table, m.theta, 2);
  return condition(evaluator, *m.flow, rows, {}, probes);
}

// Layers that multiply by exp(s) and exp(-s) in turn.
Model diagonals(std::size_t layers, double s) {
  std::string yaml = "layers: [";
  for (std::size_t k = 0; k < layers; ++k) yaml += "{kind: diagonal}, ";
  Model m(yaml + "]", 1, 0);
  for (std::size_t k = 0; k < layers; ++k) m.theta[k] = static_cast<real>(k % 2 == 0 ? s : -s);
  return m;
}

// W = L U of two columns, l below the diagonal and u above it.
Model sheared(double l, double u) {
  Model m("layers: [{kind: linear}]", 2, 0);
  m.theta = {0, static_cast<real>(u), static_cast<real>(l), 0};
  return m;
}

// As the head of condition.h has it, of sheared: x, and W^-1 z with z = W x.
double exact(double l, double u, double x, double y) {
  const double z = x + u * y, t = l * x + (l * u + 1) * y,
               inverse[2][2] = {{1 + l * u, -u}, {-l, 1}};
  double worst = 0;
  for (const auto& [row, v] : {std::pair{inverse[0], x}, std::pair{inverse[1], y}})
    worst = std::max(worst, std::hypot(row[0] * z, row[1] * t, v) / std::max(1.0, std::abs(v)));
  return worst;
}

BOOST_AUTO_TEST_SUITE(conditions)

BOOST_AUTO_TEST_CASE(layers_that_round_add_as_their_squares) {
  // z and x themselves are rounded, so one layer has sqrt(2), and K have sqrt(K + 1).
  for (const std::size_t layers : {1U, 3U, 15U})
    for (const double s : {0.3, 2.0}) {
      const double c = estimate(diagonals(layers, s), {real(7.5)});
      BOOST_TEST(std::abs(c / std::sqrt(static_cast<double>(layers) + 1) - 1) < 0.15, c);
    }
}

BOOST_AUTO_TEST_CASE(what_no_layer_changes_is_not_rounded) {
  const Model m("layers: [{kind: permute, order: reverse}]", 1, 0);
  BOOST_TEST(estimate(m, {real(7.5)}) == 0);
}

BOOST_AUTO_TEST_CASE(small_numbers_count_as_ones) {
  const Model m = diagonals(1, 1);
  BOOST_TEST(std::abs(estimate(m, {real(0.01)}) / std::sqrt(2e-4) - 1) < 0.15);
}

BOOST_AUTO_TEST_CASE(of_a_matrix_it_is_the_norm_of_its_inverse_where_the_latent_is) {
  for (const double l : {0.5, 30.0})
    for (const double u : {0.2, -20.0})
      for (const double x : {-1.5, 41.0}) {
        const double c = estimate(sheared(l, u), {static_cast<real>(x), 2}), is = exact(l, u, x, 2);
        BOOST_TEST(std::abs(c / is - 1) < 0.15,
                   l << " " << u << " " << x << ": " << c << " " << is);
      }
}

BOOST_AUTO_TEST_CASE(it_is_the_largest_of_the_rows) {
  const Model m = sheared(30, 20);
  const double one = estimate(m, {1, 1}), other = estimate(m, {1, real(-0.1)});
  BOOST_TEST(one > 3 * other);
  for (const auto& rows : {std::vector<real>{1, 1, 1, real(-0.1)}, {1, real(-0.1), 1, 1}})
    BOOST_TEST(std::abs(estimate(m, rows) / one - 1) < 0.15);
}

BOOST_AUTO_TEST_CASE(a_row_that_does_not_come_back_has_none) {
  const real most = std::numeric_limits<real>::max();
  BOOST_TEST(estimate(diagonals(1, 39), {most}) == std::numeric_limits<double>::infinity());
}

BOOST_AUTO_TEST_CASE(round_trips_are_within_it) {
  const std::vector<real> rows = normal_rows(500, 6);
  for (const double spread : {0.05, 0.15}) {
    const Model m(every_kind, 6, spread);
    Evaluator evaluator(*m.flow, m.table, m.theta, 2);
    std::vector<real> back = rows;
    evaluator.encode(back.data(), 500, {}, m.flow->depth());
    evaluator.decode(back.data(), 500, {}, m.flow->depth());
    RoundTrip trip;
    trip.add(rows, back, 6, 0);
    const double c = estimate(m, rows, 4), found = trip.worst / (eps * c);
    BOOST_TEST((0.05 < found && found < 16), found << " eps c, c = " << c);
  }
}

BOOST_AUTO_TEST_CASE(the_worst_of_a_round_trip_is_infinite_where_a_number_is_lost) {
  const real nan = std::numeric_limits<real>::quiet_NaN();
  RoundTrip trip;
  trip.add(std::vector<real>{1, 2, nan}, std::vector<real>{nan, 2, nan}, 1, 7);
  BOOST_TEST(trip.worst == std::numeric_limits<double>::infinity());
  BOOST_TEST(trip.row == 7U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

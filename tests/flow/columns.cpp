// Densities of typed columns: shares of categories, and integrals over each map's support.
#include "layers/columns.h"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "data/columns.h"
#include "flow/model.h"

namespace flow::test {

namespace {

using Type = Column::Type;

// A flow of these columns alone, started from the rows.
Model started(const std::vector<Column>& types, std::vector<real> rows) {
  Model m("layers: []\n", types.size(), 0, {.types = types});
  const std::size_t n = rows.size() / types.size();
  std::vector<real> block(rows.size());
  const Mat x{block.data(), n, types.size(), n};
  rows_to_block(rows.data(), n, x);
  start_from_data(*m.flow, m.table, m.theta, x, StartOf::all, 1);
  return m;
}

BOOST_AUTO_TEST_SUITE(typed_columns)

BOOST_AUTO_TEST_CASE(a_category_has_the_logarithm_of_its_share) {
  const std::vector<Column> types = {{.type = Type::categorical, .values = {5, 6, 7}}};
  std::vector<real> rows;
  for (int i = 0; i < 64; ++i) rows.push_back(real(i % 8 == 0 ? 0.5 : i % 8 < 3 ? 1.5 : 2.5));
  const Model m = started(types, rows);
  const double counts[] = {8.5, 16.5, 40.5};  // half a row is added to each
  for (int k = 0; k < 3; ++k)
    for (const double noise : {1e-4, 0.3, 0.5, 0.99}) {
      const double logp = m.log_density({static_cast<real>(k + noise)})[0];
      BOOST_TEST(std::abs(logp - std::log(counts[k] / 65.5)) < 1e-4);
    }
}

// By the midpoint rule, in steps of the support's own scale.
double integral(const Model& m, double from, double to) {
  constexpr std::size_t n = 200000;
  std::vector<real> rows(n);
  for (std::size_t i = 0; i < n; ++i)
    rows[i] = static_cast<real>(from + (to - from) * (static_cast<double>(i) + 0.5) / n);
  double sum = 0;
  for (double l : m.log_density(rows)) sum += std::exp(l) * (to - from) / n;
  return sum;
}

BOOST_AUTO_TEST_CASE(densities_integrate_to_one) {
  std::vector<real> rows;
  for (real v : normal_rows(64, 1)) rows.push_back(1 + std::abs(v));
  const auto check = [&](const Column& c, double from, double to) {
    BOOST_TEST(std::abs(integral(started({c}, rows), from, to) - 1) < 1e-4);
  };
  check({}, -10, 10);
  check({.robust = true}, -3000, 3000);
  check({.type = Type::positive, .low = 0}, 0, 300);
  check({.type = Type::interval, .low = 0, .high = 10}, -1e-5, 10 + 1e-5);
  check({.type = Type::integer, .low = 3}, 0, 300);
  check({.type = Type::integer, .low = 3, .high = 13, .step = 0.01}, -1e-5, 10.01 + 1e-5);
  check({.type = Type::integer, .low = -2, .high = 7, .step = 0.5}, -1e-4, 9.5 + 1e-4);
}

BOOST_AUTO_TEST_CASE(beyond_the_support_the_density_is_zero) {
  const Model m = started({{.type = Type::categorical, .values = {1, 2}},
                           {.type = Type::positive, .low = 2},
                           {.type = Type::interval, .low = 0, .high = 1}},
                          std::vector<real>(48, real(0.5)));
  const double inf = std::numeric_limits<double>::infinity();
  const real good[] = {1.5, 2.5, 0.5};
  const auto with = [&](std::size_t j, real v) {
    std::vector<real> row(good, good + 3);
    row[j] = v;
    return m.log_density(row)[0];
  };
  BOOST_TEST(std::isfinite(with(0, 1)));
  for (real v : {real(-1), real(2.1), real(1e30), real(-1e30)}) BOOST_TEST(with(0, v) == -inf);
  for (real v : {real(2), real(-7)}) BOOST_TEST(with(1, v) == -inf);
  for (real v : {real(-0.1), real(1.1)}) BOOST_TEST(with(2, v) == -inf);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

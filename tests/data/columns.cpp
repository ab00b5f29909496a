// Rows of a table to rows of a flow and back by the types of columns, and what types are proposed.
#include "data/columns.h"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "core/random.h"
#include "data/dequantise.h"
#include "data/propose.h"

namespace flow::test {

namespace {

using Type = Column::Type;

const std::vector<Column> mixed = {
    {.type = Type::constant, .values = {3}},
    {.type = Type::categorical, .values = {10, -2, 7.5}},
    {.type = Type::integer, .low = 2, .high = 3, .step = 0.1},
    {.type = Type::duplicate, .of = 1},
    {.type = Type::integer, .step = 5},
    {.type = Type::positive, .low = 1},
    {.type = Type::interval, .low = 0, .high = 0.5},
    {},
};
const std::vector<double> row = {3, 7.5, 2.3, 7.5, -15, 1.5, 0.5, -1e9};

BOOST_AUTO_TEST_SUITE(columns)

BOOST_AUTO_TEST_CASE(discrete_values_are_counted_and_constants_left_out) {
  real numbers[6];
  to_numbers(mixed, row, numbers);
  const double wanted[] = {2, 0.3, -15, 1.5, 0.5, -1e9};
  for (int j = 0; j < 6; ++j)
    BOOST_TEST(std::abs(static_cast<double>(numbers[j]) - wanted[j]) <= 1e-7 * std::abs(wanted[j]));
  BOOST_TEST(modelled(mixed).size() == 6);
}

BOOST_AUTO_TEST_CASE(rows_come_back_whatever_the_noise) {
  const std::vector<real> steps = noise_steps(mixed);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    real numbers[6];
    std::vector<double> back(row.size());
    to_numbers(mixed, row, numbers);
    dequantise(std::span<real>(numbers), 6, 0, seed, 0, std::span<const real>(steps));
    from_numbers(mixed, numbers, back);
    for (std::size_t j = 0; j < row.size(); ++j)
      BOOST_TEST(static_cast<float>(back[j]) == static_cast<float>(row[j]), "column " << j);
  }
}

BOOST_AUTO_TEST_CASE(noise_stays_inside_its_step) {
  const std::vector<real> steps = {1, real(0.25), 0};
  std::vector<real> rows(3 * 50000, 0);
  dequantise(std::span<real>(rows), 3, 0, 5, 1, std::span<const real>(steps));
  double sum = 0;
  for (std::size_t i = 0; i < rows.size(); i += 3) {
    BOOST_REQUIRE((rows[i] > 0 && rows[i] < 1 && rows[i + 1] > 0 && rows[i + 1] < real(0.25)));
    BOOST_REQUIRE(rows[i + 2] == 0);
    sum += static_cast<double>(rows[i + 1]) / 50000;
  }
  BOOST_TEST(std::abs(sum - 0.125) < 5 * 0.25 / std::sqrt(12 * 50000));
}

BOOST_AUTO_TEST_CASE(whatever_a_flow_gives_is_a_value_of_the_column) {
  const real wild[][6] = {
      {-9, -9, -9, -9, -9, -9}, {99, 99, 99, 99, 99, 99}, {3, 1.1f, 0, 1, 0, 0}};
  for (const auto& numbers : wild) {
    std::vector<double> back(row.size());
    from_numbers(mixed, numbers, back);
    BOOST_TEST(misfit(mixed, {}, back) == "");
  }
}

BOOST_AUTO_TEST_CASE(what_a_column_cannot_hold_is_named) {
  const std::vector<std::string> names = {"a", "b", "c", "d", "e", "f", "g", "h"};
  const auto check = [&](std::size_t j, double value, const std::string& text) {
    std::vector<double> wrong = row;
    wrong[j] = value;
    BOOST_TEST(misfit(mixed, names, wrong) == "column " + std::to_string(j + 1) + text);
    real numbers[6];
    to_numbers(mixed, wrong, numbers);
    for (real v : numbers) BOOST_TEST(std::isnan(v));
  };
  BOOST_TEST(misfit(mixed, names, row) == "");
  check(0, 4, " ('a') is 4; it holds 3 alone");
  check(1, 8, " ('b') is 8; it holds 10, -2 or 7.5");
  check(2, 3.1, " ('c') is 3.1; it holds multiples of 0.1 from 2 to 3");
  check(2, 2.35, " ('c') is 2.35; it holds multiples of 0.1 from 2 to 3");
  check(3, 10, " ('d') is 10; it holds what column 2 holds, 7.5");
  check(4, 3, " ('e') is 3; it holds multiples of 5");
  check(5, 1, " ('f') is 1; it holds numbers above 1");
  check(6, 0.51, " ('g') is 0.51; it holds numbers from 0 to 0.5");
}

// What is proposed for 2000 values of f(u, i), u uniform in [0, 1).
template <class F>
Proposal proposed(F f) {
  const Random random(3, Stream::test);
  std::vector<real> values;
  for (std::size_t i = 0; i < 2000; ++i)
    values.push_back(static_cast<real>(f(random.uniform(i, 0), i)));
  return propose_column(values, 1, 0);
}

BOOST_AUTO_TEST_CASE(types_are_proposed_with_reasons) {
  Proposal p = proposed([](double, std::size_t) { return 4.5; });
  BOOST_TEST((p.column.type == Type::constant && p.column.values[0] == 4.5), p.reason);
  p = proposed([](double u, std::size_t) { return std::floor(5 * u) - 2; });
  BOOST_TEST((p.column.type == Type::integer && p.column.low == -2 && p.column.high == 2),
             p.reason);
  p = proposed([](double u, std::size_t) { return u < 0.3 ? 100 : u < 0.5 ? 7 : 901; });
  BOOST_TEST((p.column.type == Type::categorical && p.column.values.size() == 3), p.reason);
  p = proposed([](double u, std::size_t) { return u < 0.01 ? 8 : 7; });
  BOOST_TEST((p.column.type == Type::integer && p.column.low == 7 && p.column.high == 8), p.reason);
  p = proposed([](double u, std::size_t) { return 50 + 10 * std::floor(6 * u); });
  BOOST_TEST((p.column.type == Type::integer && p.column.step == 10 && p.column.high == 100),
             p.reason);
  p = proposed([](double u, std::size_t) { return std::round(100 * u * u * u * u) / 10; });
  BOOST_TEST((p.column.type == Type::integer && p.column.step == 0.1 && p.column.low == 0),
             p.reason);
  p = proposed([](double u, std::size_t) { return std::round(1000 * (u - 0.5)); });
  BOOST_TEST((p.column.type == Type::integer && std::isinf(p.column.low)), p.reason);
  p = proposed([](double u, std::size_t) { return -std::log(1 - u) + 1e-3; });
  BOOST_TEST((p.column.type == Type::positive && p.column.low == 0), p.reason);
  BOOST_TEST(p.reason.find("of the logarithms") != p.reason.npos);
  p = proposed([](double u, std::size_t) { return u; });
  BOOST_TEST((p.column.type == Type::interval && p.column.high == 1), p.reason);
  p = proposed([](double u, std::size_t) { return 3 + u; });
  BOOST_TEST((p.column.type == Type::line && !p.column.robust), p.reason);
  p = proposed([](double u, std::size_t) { return std::tan(3.1415926 * (u - 0.5)); });
  BOOST_TEST((p.column.type == Type::line && p.column.robust), p.reason);
}

BOOST_AUTO_TEST_CASE(a_repeated_column_is_a_duplicate_and_a_constant_is_none) {
  const std::vector<real> rows = {1, 5, 1, 5, 2, 5, 2, 5};  // columns 1 3 and 2 4 alike
  BOOST_TEST((propose_column(rows, 4, 2).column.type == Type::duplicate));
  BOOST_TEST(propose_column(rows, 4, 2).column.of == 0);
  BOOST_TEST((propose_column(rows, 4, 3).column.type == Type::constant));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

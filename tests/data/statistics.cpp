// Statistics of columns, and their quantiles, against those of all numbers in memory.
#include "data/statistics.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "core/random.h"
#include "data/folder.h"

using namespace flow;

namespace {

// How far, in ranks, an answer is from the wanted share.
double rank_error(const std::vector<double>& sorted, double share, double answer) {
  const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), answer);
  const double wanted = share * static_cast<double>(sorted.size());
  const auto first = static_cast<double>(low - sorted.begin()),
             last = static_cast<double>(high - sorted.begin());
  return wanted < first ? first - wanted : wanted > last ? wanted - last : 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(statistics)

BOOST_AUTO_TEST_CASE(quantiles_of_few_numbers_are_exact) {
  Quantiles q;
  BOOST_TEST(std::isnan(q.at(0.5)));
  for (const double v : {5., 1., 4., 2., 3.}) q.add(v);
  BOOST_TEST(q.at(0) == 1);
  BOOST_TEST(q.at(0.2) == 1);
  BOOST_TEST(q.at(0.21) == 2);
  BOOST_TEST(q.at(0.5) == 3);
  BOOST_TEST(q.at(1) == 5);
}

BOOST_AUTO_TEST_CASE(ranks_are_within_the_bound_whatever_the_order) {
  constexpr std::size_t n = 300'000;
  const double bound = static_cast<double>(n) *
                       (std::log2(static_cast<double>(n) / Quantiles::capacity) + 1) /
                       (2 * Quantiles::capacity);
  for (const int order : {0, 1, 2}) {  // random, ascending, descending
    std::vector<double> values(n);
    for (std::size_t i = 0; i < n; ++i) values[i] = std::exp(Random(1, Stream::test).uniform(i, 0));
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    if (order == 1) values = sorted;
    if (order == 2) values.assign(sorted.rbegin(), sorted.rend());
    Quantiles q;
    for (const double v : values) q.add(v);
    for (const double share : {0.0, 0.001, 0.25, 0.5, 0.9, 0.999, 1.0})
      BOOST_TEST(rank_error(sorted, share, q.at(share)) <= bound);
  }
}

BOOST_AUTO_TEST_CASE(moments_and_what_is_missing) {
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               inf = std::numeric_limits<double>::infinity();
  FixedRows rows(2, {1e9 + 1, nan, 1e9 + 2, inf, 1e9 + 3, 7}, {"a", "b"});
  const auto columns = statistics_of(rows);
  BOOST_TEST(columns[0].count == 3u);
  BOOST_TEST(columns[0].mean == 1e9 + 2);
  BOOST_TEST(columns[0].deviation() == 1, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(columns[1].count == 1u);
  BOOST_TEST(columns[1].missing == 1u);
  BOOST_TEST(columns[1].infinite == 1u);
  BOOST_TEST(columns[1].min == 7);
  BOOST_TEST(std::isnan(columns[1].deviation()));
}

BOOST_AUTO_TEST_SUITE_END()

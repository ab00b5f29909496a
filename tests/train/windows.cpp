// The order of rows that are streamed: all rows once an epoch, in as many steps each time, whatever
// the counts of the blocks; and which rows validate where no list of them is held.
#include "train/windows.h"

#include <boost/test/unit_test.hpp>
#include <numeric>
#include <set>

#include "core/random.h"

namespace flow::test {

namespace {

BOOST_AUTO_TEST_SUITE(windows)

// Rows of each block: some full, some with none, the last one short.
std::vector<std::uint32_t> counts_of(std::size_t blocks, std::uint32_t most) {
  std::vector<std::uint32_t> counts(blocks);
  for (std::size_t k = 0; k < blocks; ++k)
    counts[k] = k % 7 == 3 ? 0 : most - static_cast<std::uint32_t>(Random(1, Stream::test).bits(k, 0) % 3);
  counts.back() = 1;
  return counts;
}

BOOST_AUTO_TEST_CASE(windows_share_the_blocks_and_the_steps) {
  for (const std::size_t shards : {1, 3, 8})
    for (const std::size_t batch : {8, 20, 64}) {
      TrainSpec spec;
      spec.shards = shards, spec.batch = batch, spec.seed = 5;
      const auto counts = counts_of(100, 9);
      const auto all = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
      const std::size_t steps = all / batch;
      std::set<std::vector<std::uint64_t>> orders;
      for (const std::uint32_t epoch : {1, 2, 3}) {
        const WindowPlan plan(counts, 37, steps, spec, epoch);
        orders.insert(plan.order);
        std::size_t step = 0, rows = 0, blocks = 0;
        for (const auto& w : plan.windows) {
          BOOST_TEST(w.first_step == step);
          BOOST_TEST(w.end_block - w.first_block <= 37u);
          step += w.steps, blocks += w.end_block - w.first_block;
          rows += std::accumulate(w.rows.begin(), w.rows.end(), std::size_t{0});
          // Each step has a row: of the shard that has most of them.
          BOOST_TEST(*std::max_element(w.rows.begin(), w.rows.end()) >= w.steps);
        }
        BOOST_TEST(step == steps);
        BOOST_TEST(blocks == plan.order.size());
        BOOST_TEST(rows == all);
        const std::set<std::uint64_t> distinct(plan.order.begin(), plan.order.end());
        BOOST_TEST(distinct.size() == 100u - 14u);
      }
      BOOST_TEST(orders.size() == 3u);
    }
}

BOOST_AUTO_TEST_CASE(one_row_of_each_stretch) {
  for (const std::uint64_t n : {1, 10, 97, 1000})
    for (const std::uint64_t count : {std::uint64_t{1}, n / 3, n}) {
      if (count == 0) continue;
      const Stretches chosen(n, count, 3, 1), others(n, count, 3, 2);
      std::uint64_t found = 0, same = 0, last = 0;
      for (std::uint64_t row = 0; row < n; ++row) {
        if (!chosen.has(row)) continue;
        BOOST_TEST((found == 0 || row - last < 2 * (n / count + 1)));
        last = row, ++found, same += others.has(row);
      }
      BOOST_TEST(found == count);
      if (n == 1000 && count == 333) BOOST_TEST(same < 200u);
    }
}

BOOST_AUTO_TEST_CASE(folds_part_the_rows) {
  for (const bool ordered : {false, true}) {
    std::vector<int> times(1003);
    for (std::size_t fold = 1; fold <= 5; ++fold) {
      const StreamSplit split(times.size(), {.fold = fold, .folds = 5, .ordered = ordered}, 1 << 20);
      for (std::uint64_t row = 0; row < times.size(); ++row) times[row] += split.validates(row);
    }
    BOOST_TEST((times == std::vector<int>(1003, 1)));
  }
}

BOOST_AUTO_TEST_CASE(a_share_is_held_out_up_to_a_bound) {
  const auto held_out = [](const SplitSpec& spec, std::uint64_t most) {
    const StreamSplit split(1000, spec, most);
    std::uint64_t found = 0;
    for (std::uint64_t row = 0; row < 1000; ++row) found += split.validates(row);
    BOOST_TEST(found == split.count());
    return found;
  };
  BOOST_TEST(held_out({.fraction = 0.1}, 500) == 100u);
  BOOST_TEST(held_out({.fraction = 0.1}, 30) == 30u);
  BOOST_TEST(held_out({.fraction = 0.1, .ordered = true}, 500) == 100u);
  BOOST_TEST(held_out({.fraction = 0}, 500) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

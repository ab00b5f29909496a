// The order of rows that are streamed: all rows once an epoch, in as many steps each time, whatever
// the counts of the blocks; and which rows validate where no list of them is held.
#include "train/windows.h"

#include <boost/test/unit_test.hpp>
#include <numeric>
#include <set>

#include "core/random.h"
#include "train/prepare.h"

namespace flow::test {

namespace {

BOOST_AUTO_TEST_SUITE(windows)

// Rows (i, -i), i = 0, 1, ...: each tells which one it is.
class Numbered : public RowReader {
 public:
  explicit Numbered(std::uint64_t rows) {
    shape_.columns = 2, shape_.dims = {2}, shape_.rows = rows;
  }
  const RowShape& shape() const override { return shape_; }
  const std::string& name() const override { return name_; }
  std::size_t read(std::span<double> values) override {
    const std::size_t n = std::min<std::size_t>(values.size() / 2, *shape_.rows - row_);
    for (std::size_t i = 0; i < n; ++i, ++row_) {
      values[2 * i] = row_ == lost_ ? NAN : static_cast<double>(row_);
      values[2 * i + 1] = -static_cast<double>(row_);
    }
    return n;
  }
  bool seeks() const override { return true; }
  void seek(std::uint64_t row) override { row_ = row; }
  void lose(std::uint64_t row) { lost_ = row; }  // from now on it is NaN

 private:
  std::uint64_t lost_ = UINT64_MAX;
  RowShape shape_;
  std::string name_ = "numbered";
  std::uint64_t row_ = 0;
};

// A rank that speaks to nobody.
class Rank : public Comm {
 public:
  Rank(std::size_t rank, std::size_t size) : rank_(rank), size_(size) {}
  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return size_; }

 private:
  std::size_t rank_, size_;
};

struct Streamed {
  StreamedRows rows;
  TrainingRows found;
  Model model;
  TrainSpec spec;
  std::optional<Dataset> sample;

  static RowLayout layout() {
    RowLayout l;
    l.x.columns = 2, l.x.dims = {2};
    return l;
  }
  Streamed(std::uint64_t n, std::size_t window)
      : Streamed(std::make_unique<Numbered>(n), window, OnNan::fail) {}
  Streamed(std::unique_ptr<RowReader> numbered, std::size_t window, OnNan on_nan)
      : rows(std::make_unique<FiniteRows>(std::move(numbered), on_nan), layout(), {window, {}}) {
    std::string note;
    found = rows.survey(nullptr, note);
    model.config = Config::parse(
        "model: {layers: [{kind: standardise}]}\n"
        "train: {batch: 30, shards: 4, epochs: 3}\n",
        "test");
    spec = settle_model(model, found, {}).spec;
    TrainingPart part = found.train;
    part.rows.resize(2 * found.sampled), part.at.resize(found.sampled);
    sample = dataset_of(model, 0, part);
  }
};

// The rows of each shard of each step of an epoch.
std::vector<std::vector<real>> epoch_of(Batches& batches, std::uint32_t epoch, std::size_t shards) {
  std::vector<std::vector<real>> rows;
  for (std::size_t step = 0; step < batches.steps(); ++step) {
    const Batch& b = batches.take(epoch, step);
    std::size_t there = 0;
    for (std::size_t v = 0; v < shards; ++v) {
      BOOST_TEST(b.shards[v].first >= there);
      std::vector<real>& shard = rows.emplace_back();
      for (const std::uint64_t i : b.shards[v].rows) {
        real row[2];
        b.data->row(i, epoch, row);
        BOOST_TEST(row[1] == -row[0]);
        shard.push_back(row[0]);
      }
      there += shard.size();
    }
    BOOST_TEST(there <= b.rows);
    BOOST_TEST((b.rows >= 20u && b.rows <= 40u));
  }
  return rows;
}

std::vector<real> joined(const std::vector<std::vector<real>>& shards) {
  std::vector<real> all;
  for (const auto& s : shards) all.insert(all.end(), s.begin(), s.end());
  return all;
}

BOOST_AUTO_TEST_CASE(an_epoch_has_each_row_once_and_none_that_validates) {
  Streamed s(5000, 600);
  StreamedBatches batches(s.rows, s.model, s.spec, *s.sample);
  BOOST_TEST(batches.rows() == 4700u);  // half a window validates
  BOOST_TEST(s.found.validation.at.size() == 300u);
  std::vector<std::vector<real>> orders;
  for (const std::uint32_t epoch : {1, 2, 1}) {
    orders.push_back(joined(epoch_of(batches, epoch, 4)));
    std::vector<real> all = orders.back();
    for (const std::uint64_t i : s.found.validation.at) all.push_back(static_cast<real>(i));
    std::sort(all.begin(), all.end());
    BOOST_TEST(all.size() == 5000u);
    for (std::size_t i = 0; i < all.size(); ++i) BOOST_TEST(all[i] == static_cast<real>(i));
  }
  BOOST_TEST((orders[0] == orders[2]));
  BOOST_TEST((orders[0] != orders[1]));
  // Rows of a batch come from all over the file.
  const auto [low, high] = std::minmax_element(orders[0].begin(), orders[0].begin() + 30);
  BOOST_TEST(*high - *low > 3000);
}

BOOST_AUTO_TEST_CASE(rows_that_change_meanwhile_are_noticed) {
  auto changing = std::make_unique<Numbered>(5000);
  Numbered& numbered = *changing;
  Streamed s(std::move(changing), 600, OnNan::skip);
  StreamedBatches batches(s.rows, s.model, s.spec, *s.sample);
  numbered.lose(4321);
  BOOST_CHECK_EXCEPTION(epoch_of(batches, 1, 4), Error, [](const Error& e) {
    return e.code() == Exit::data &&
           std::string(e.what()) == "numbered: has changed since training began; start again";
  });
}

BOOST_AUTO_TEST_CASE(ranks_read_their_own_shards_in_the_same_order) {
  Streamed alone(3000, 600);
  StreamedBatches whole(alone.rows, alone.model, alone.spec, *alone.sample);
  const auto all = epoch_of(whole, 2, 4);
  for (const std::size_t size : {2, 3})
    for (std::size_t rank = 0; rank < size; ++rank) {
      Streamed s(3000, 600);
      const Rank comm(rank, size);
      StreamedBatches own(s.rows, s.model, s.spec, *s.sample, comm);
      const auto part = epoch_of(own, 2, 4);
      BOOST_TEST(part.size() == all.size());
      for (std::size_t k = 0; k < all.size(); ++k) {
        const std::size_t v = k % 4;
        const bool mine = boundary(4, rank, size) <= v && v < boundary(4, rank + 1, size);
        BOOST_TEST((part[k] == (mine ? all[k] : std::vector<real>{})));
      }
    }
}

// All in the first half but for the last row: the sample alone would not know.
BOOST_AUTO_TEST_CASE(the_range_is_that_of_all_rows) {
  const Streamed s(100000, 600);
  BOOST_TEST(s.found.sampled < 400u);
  BOOST_TEST(s.model.data.low == -99999);
  BOOST_TEST(s.model.data.high == 99999);
  BOOST_TEST(s.found.streamed == 99700u);
}

// Rows of each block: some full, some with none, the last one short.
std::vector<std::uint32_t> counts_of(std::size_t blocks, std::uint32_t most) {
  std::vector<std::uint32_t> counts(blocks);
  for (std::size_t k = 0; k < blocks; ++k)
    counts[k] =
        k % 7 == 3 ? 0 : most - static_cast<std::uint32_t>(Random(1, Stream::test).bits(k, 0) % 3);
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
      const StreamSplit split(times.size(), {.fold = fold, .folds = 5, .ordered = ordered},
                              1 << 20);
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

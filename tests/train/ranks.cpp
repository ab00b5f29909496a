// Ranks without MPI: threads of this process that pass messages. The sum over shards has the same
// bits for any number of them, and what they agree on they agree on.
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "core/error.h"
#include "core/random.h"
#include "train/shard_sum.h"

namespace flow::test {

namespace {

// Messages under way, by sender and receiver.
struct Post {
  std::mutex mutex;
  std::condition_variable arrived;
  std::map<std::pair<std::size_t, std::size_t>, std::deque<std::vector<std::byte>>> letters;
};

class ThreadRank : public Comm {
 public:
  ThreadRank(Post& post, std::size_t rank, std::size_t size)
      : post_(post), rank_(rank), size_(size) {}
  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return size_; }
  void exchange(std::span<const Message> out, std::span<const Message> in) override {
    std::unique_lock lock(post_.mutex);
    for (const Message& m : out)
      post_.letters[{rank_, m.rank}].emplace_back(m.bytes.begin(), m.bytes.end());
    post_.arrived.notify_all();
    for (const Message& m : in) {
      auto& letters = post_.letters[{m.rank, rank_}];
      post_.arrived.wait(lock, [&] { return !letters.empty(); });
      matched_ = matched_ && letters.front().size() == m.bytes.size();
      std::copy_n(letters.front().begin(), m.bytes.size(), m.bytes.begin());
      letters.pop_front();
    }
  }
  bool matched() const { return matched_; }  // every message had the length that was expected

 private:
  Post& post_;
  std::size_t rank_, size_;
  bool matched_ = true;
};

// f(comm) on each of `size` ranks at once; BOOST_TEST is for afterwards.
template <class F>
void on_ranks(std::size_t size, F f) {
  Post post;
  std::deque<ThreadRank> ranks;
  std::vector<std::thread> threads;
  for (std::size_t q = 0; q < size; ++q) ranks.emplace_back(post, q, size);
  for (ThreadRank& rank : ranks) threads.emplace_back([&] { f(rank); });
  for (std::thread& t : threads) t.join();
  for (const ThreadRank& rank : ranks) BOOST_TEST(rank.matched());
}

// Of each rank: the sum in its first array, and what is left in the others; the totals.
struct Sums {
  std::vector<std::vector<real>> sums;
  std::vector<std::vector<double>> totals;
  real rest = 0;
};

Sums sum_over(std::size_t shards, std::size_t ranks, std::size_t parameters) {
  Sums s{std::vector<std::vector<real>>(ranks), std::vector<std::vector<double>>(ranks)};
  std::vector<real> rest(ranks);
  on_ranks(ranks, [&](Comm& comm) {
    ShardSum sum(shards, parameters, 1, comm);
    std::vector<Aligned<real>> own;
    std::vector<double> totals(shards, -1), numbers(parameters);
    for (std::size_t v = sum.first(); v < sum.last(); ++v) {
      Random(v, Stream::test).normal(0, numbers);
      own.emplace_back(parameters);
      std::copy(numbers.begin(), numbers.end(), own.back().data());
      totals[v] = static_cast<double>(v) + 0.5;
    }
    sum.sum(own, totals);
    s.sums[comm.rank()].assign(own[0].data(), own[0].data() + parameters);
    s.totals[comm.rank()] = totals;
    for (std::size_t i = 1; i < own.size(); ++i)
      for (real x : std::span<real>(own[i])) rest[comm.rank()] += x * x;
  });
  for (real r : rest) s.rest += r;
  return s;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ranks)

BOOST_AUTO_TEST_CASE(the_sum_over_shards_has_the_same_bits_for_any_number_of_ranks) {
  for (std::size_t shards : {1, 2, 3, 5, 8, 13, 16})
    for (std::size_t parameters : {1, 17, 1000}) {
      const Sums one = sum_over(shards, 1, parameters);
      BOOST_TEST(one.rest == 0);
      for (std::size_t n = 2; n <= shards; ++n) {
        const Sums some = sum_over(shards, n, parameters);
        for (std::size_t q = 0; q < n; ++q) {
          BOOST_TEST((some.sums[q] == one.sums[0]), shards << " shards, rank " << q << " of " << n);
          BOOST_TEST(some.totals[q] == one.totals[0]);
        }
        BOOST_TEST(some.rest == 0);
      }
    }
}

// The tree shows: from left to right the sum has other bits.
BOOST_AUTO_TEST_CASE(the_order_of_the_sum_is_that_of_the_tree) {
  const std::vector<real> found = sum_over(5, 3, 1000).sums[0];
  std::vector<std::vector<double>> z(5, std::vector<double>(1000));
  for (std::size_t v = 0; v < 5; ++v) Random(v, Stream::test).normal(0, z[v]);
  std::size_t like_a_tree = 0, like_a_list = 0;
  for (std::size_t i = 0; i < 1000; ++i) {
    real a[5];
    for (std::size_t v = 0; v < 5; ++v) a[v] = static_cast<real>(z[v][i]);
    like_a_tree += found[i] == ((a[0] + a[1]) + (a[2] + a[3])) + a[4];
    like_a_list += found[i] == (((a[0] + a[1]) + a[2]) + a[3]) + a[4];
  }
  BOOST_TEST(like_a_tree == 1000u);
  BOOST_TEST(like_a_list < 1000u);
}

BOOST_AUTO_TEST_CASE(each_rank_learns_the_largest_and_all_texts) {
  for (std::size_t n : {1, 2, 3, 7})
    for (std::size_t top = 0; top < n; ++top) {
      std::vector<std::uint64_t> found(n);
      std::vector<std::vector<std::string>> texts(n);
      on_ranks(n, [&](Comm& comm) {
        found[comm.rank()] = max_over(comm, comm.rank() == top ? 9 : comm.rank());
        texts[comm.rank()] = texts_of(comm, "rank " + std::to_string(comm.rank()));
      });
      for (std::size_t q = 0; q < n; ++q) {
        BOOST_TEST(found[q] == 9u);
        BOOST_TEST(texts[q].size() == n);
        BOOST_TEST(texts[q][n - 1] == "rank " + std::to_string(n - 1));
      }
    }
}

BOOST_AUTO_TEST_CASE(an_error_of_some_is_thrown_by_all_and_told_by_one) {
  std::vector<std::string> told(4, "nothing");
  on_ranks(4, [&](Comm& comm) {
    try {
      together(comm, [&] {
        require(comm.rank() < 2, Exit::data, "rank " + std::to_string(comm.rank()));
      });
    } catch (const Error& e) {
      if (e.code() == Exit::data && comm.failed_together()) told[comm.rank()] = e.what();
    }
  });
  BOOST_TEST(told == (std::vector<std::string>{"", "", "rank 2", ""}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_first_rank_that_differs_is_named) {
  std::vector<std::string> told(3, "nothing");
  on_ranks(3, [&](Comm& comm) {
    require_same(comm, "the same", Exit::usage, "has another");
    try {
      require_same(comm, comm.rank() == 2 ? "b" : "a", Exit::usage, "has another");
    } catch (const Error& e) {
      told[comm.rank()] = e.what();
    }
  });
  BOOST_TEST(told[0].starts_with("rank 2 on "));
  BOOST_TEST(told[0].ends_with(" has another"));
  BOOST_TEST(told[1] == "");
  BOOST_TEST(told[2] == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace flow::test

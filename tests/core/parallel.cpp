// The thread pool: each call once, whatever the jobs before and after it.
#include "core/parallel.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <vector>

#include "core/random.h"

namespace flow::test {

namespace {

// How often each index was called, by threads that are counted from 0.
struct Calls {
  explicit Calls(std::size_t count) : times(count) {}
  std::vector<std::atomic<int>> times;
  std::atomic<bool> stranger = false;

  void run(std::size_t threads) {
    for_each_block(times.size(), threads, [&](std::size_t index, std::size_t thread) {
      if (index >= times.size() || thread >= threads) stranger = true;
      if (index < times.size()) ++times[index];
    });
  }
  bool each_once() const {
    for (const auto& t : times)
      if (t != 1) return false;
    return !stranger;
  }
};

BOOST_AUTO_TEST_SUITE(parallel)

// A worker that wakes late, while the next job is set up with other numbers of calls and threads,
// must take nothing of the old one nor too early of the new one.
BOOST_AUTO_TEST_CASE(jobs_back_to_back_do_not_mix) {
  const Random random(1, Stream::test);
  std::size_t wrong = 0;
  for (std::uint64_t job = 0; job < 1'000'000; ++job) {
    Calls calls(1 + random.bits(job, 0) % 23);
    calls.run(1 + random.bits(job, 1) % 6);
    wrong += !calls.each_once();
  }
  BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_CASE(an_exception_comes_out_after_all_calls_have_ended) {
  for (int job = 0; job < 1000; ++job) {
    std::atomic<int> ended = 0;
    const auto call = [&](std::size_t index, std::size_t) {
      ++ended;
      if (index % 3 == 1) throw std::runtime_error("call");
    };
    BOOST_CHECK_THROW(for_each_block(10, 3, call), std::runtime_error);
    BOOST_TEST(ended == 10);
  }
  Calls after(5);
  after.run(3);
  BOOST_TEST(after.each_once());
}

BOOST_AUTO_TEST_CASE(a_call_within_a_call_runs_where_it_is) {
  std::atomic<int> inner = 0;
  for_each_block(4, 3, [&](std::size_t, std::size_t) {
    for_each_block(5, 3, [&](std::size_t, std::size_t thread) { inner += thread == 0; });
  });
  BOOST_TEST(inner == 20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace

}  // namespace flow::test

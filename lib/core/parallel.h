// The only threads. Work is split over blocks or shards, never inside a sum, so no result depends
// on the number of threads or on who computes what.
//
// A pool of our own and not OpenMP: on a node that others use too, libgomp's waiting threads spin
// on the core that the thread they wait for needs (two threads beside busy processes on two cores,
// in turns: training a RealNVP at 2,500-3,000 rows/s with libgomp, at 10,700-11,500 with this
// pool), and ThreadSanitizer cannot see its barriers.
#pragma once
#include <cstddef>

namespace flow {

// Runs call(f, index, thread) for index = 0 .. count-1, here and on threads - 1 others. One caller
// at a time; a call from inside a call runs where it is.
void run_in_pool(std::size_t count, std::size_t threads,
                 void (*call)(void* f, std::size_t index, std::size_t thread), void* f);

// Calls f(index, thread) for index = 0 .. count-1; thread < threads tells apart the memory that a
// call may use. The first exception thrown is thrown again here, after all calls have ended.
template <class F>
void for_each_block(std::size_t count, std::size_t threads, F f) {
  run_in_pool(
      count, threads,
      [](void* g, std::size_t index, std::size_t thread) { (*static_cast<F*>(g))(index, thread); },
      &f);
}

}  // namespace flow

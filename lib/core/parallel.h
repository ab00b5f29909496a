// The only OpenMP. Work is split over blocks or shards, never inside a sum, so no result depends on
// the number of threads or on who computes what.
#pragma once
#include <omp.h>

#include <cstddef>
#include <exception>

namespace flow {

// Calls f(index, thread) for index = 0 .. count-1; thread < threads tells apart the memory that a
// call may use. The first exception thrown is thrown again here, after all calls have ended.
template <class F>
void for_each_block(std::size_t count, std::size_t threads, F f) {
  if (threads <= 1 || count <= 1) {
    for (std::size_t i = 0; i < count; ++i) f(i, std::size_t{0});
    return;
  }
  std::exception_ptr failure;
#pragma omp parallel num_threads(static_cast <int>(threads < count ? threads : count))
  {
#pragma omp for schedule(dynamic)
    for (std::size_t i = 0; i < count; ++i) {
      try {
        f(i, static_cast<std::size_t>(omp_get_thread_num()));
      } catch (...) {
#pragma omp critical(flow_failure)
        if (!failure) failure = std::current_exception();
      }
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace flow

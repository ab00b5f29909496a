// How long a call takes: some to warm up, then samples, of which the median counts.
#pragma once
#include <chrono>
#include <functional>
#include <vector>

namespace flow {

struct Timing {
  double median = 0, mad = 0;   // seconds of a call; the median absolute deviation
  double least = 0;             // the shortest: of processor time where one thread works, so that
                                // what other programs take of the processor does not count
  std::vector<double> samples;  // seconds of a call, in order
};

// Seconds of a clock that only counts on.
double now();

double median_of(std::vector<double> values);

// restore() runs before each call of run(), and is not timed but where a call is so short (less
// than 50 us) that the clock would be: then a sample is a loop of both. A processor that was idle
// takes some milliseconds to speed up: that is the warm-up.
Timing time_calls(std::size_t samples, std::size_t threads, const std::function<void()>& restore,
                  const std::function<void()>& run);

}  // namespace flow

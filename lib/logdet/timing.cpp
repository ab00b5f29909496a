#include "logdet/timing.h"

#include <algorithm>
#include <cmath>
#include <ctime>

namespace flow {

namespace {

constexpr double warm_up = 0.01, short_call = 50e-6, short_sample = 1e-3;  // seconds

// Seconds that this thread has worked.
double processor_time() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

Timing time_calls(std::size_t samples, std::size_t threads, const std::function<void()>& restore,
                  const std::function<void()>& run) {
  Timing t;
  t.least = INFINITY;
  // Seconds of one call, of `calls` that are timed together.
  const auto sample = [&](std::size_t calls) {
    if (calls == 1) restore();
    const double start = now(), worked = processor_time();
    for (std::size_t c = 0; c < calls; ++c) {
      if (calls > 1) restore();
      run();
    }
    const double per = 1 / static_cast<double>(calls), seconds = per * (now() - start);
    t.least = std::min(t.least, threads == 1 ? per * (processor_time() - worked) : seconds);
    return seconds;
  };
  double once = INFINITY;
  for (const double start = now(); now() - start < warm_up || std::isinf(once);)
    once = std::min(once, sample(1));
  std::size_t calls = 1;
  // By the wall's clock: that of the thread may stand still during a call.
  if (once < short_call) {
    calls = static_cast<std::size_t>(std::ceil(short_sample / std::max(once, 1e-8)));
    t.least = INFINITY;  // the clock was part of it
  }
  for (std::size_t s = 0; s < samples; ++s) t.samples.push_back(sample(calls));
  t.median = median_of(t.samples);
  std::vector<double> deviations;
  for (const double s : t.samples) deviations.push_back(std::abs(s - t.median));
  t.mad = median_of(deviations);
  return t;
}

}  // namespace flow

#include "logdet/timing.h"

#include <algorithm>
#include <cmath>

namespace flow {

namespace {

constexpr double warm_up = 0.01, short_call = 50e-6, short_sample = 1e-3;  // seconds

}  // namespace

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

Timing time_calls(std::size_t samples, const std::function<void()>& restore,
                  const std::function<void()>& run) {
  double least = INFINITY;
  const auto one = [&] {
    restore();
    const double start = now();
    run();
    return now() - start;
  };
  for (const double start = now(); now() - start < warm_up || std::isinf(least);)
    least = std::min(least, one());
  const bool is_short = least < short_call;
  const auto calls =
      static_cast<std::size_t>(is_short ? std::ceil(short_sample / std::max(least, 1e-8)) : 1);
  Timing t;
  for (std::size_t s = 0; s < samples; ++s) {
    if (!is_short) {
      t.samples.push_back(one());
      continue;
    }
    const double start = now();
    for (std::size_t c = 0; c < calls; ++c) restore(), run();
    t.samples.push_back((now() - start) / static_cast<double>(calls));
  }
  t.median = median_of(t.samples);
  t.least = *std::min_element(t.samples.begin(), t.samples.end());
  std::vector<double> deviations;
  for (const double s : t.samples) deviations.push_back(std::abs(s - t.median));
  t.mad = median_of(deviations);
  return t;
}

}  // namespace flow

// Times training and scoring of reference flows and prints JSON Lines: rows a second, GFLOP/s, and
// the share of the FMA peak measured in the same run (before and after each work, the median of
// all).
//   bench [THREADS [SECONDS]]
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "core/parallel.h"
#include "flow/build.h"
#include "flow/evaluate.h"
#include "kernels/kernels.h"
#include "train/gradient.h"
#include "train/optimiser.h"

namespace flow {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

// Multiply-adds in registers, on every thread: the best of five, as a limit should be.
double peak_gflops(std::size_t threads) {
  double best = 0;
  std::vector<real> sinks(threads * lanes);
  for (int r = 0; r < 5; ++r) {
    std::vector<double> done(threads);
    const double start = now();
    for_each_block(threads, threads, [&](std::size_t t, std::size_t) {
      done[t] = kernels().multiply_adds(4'000'000, &sinks[t * lanes]);
    });
    best = std::max(best, 2e-9 * std::accumulate(done.begin(), done.end(), 0.0) / (now() - start));
  }
  return best;
}

// The median time of calls of f for about that many seconds.
template <class F>
double time_of(double seconds, F f) {
  f(), f();
  std::vector<double> times;
  for (const double start = now(); now() - start < seconds || times.size() < 5;) {
    const double t = now();
    f();
    times.push_back(now() - t);
  }
  return median(times);
}

struct Work {
  const char* name;
  const char* config;
  std::size_t columns, batch;
};

const Work works[] = {
    {"realnvp-2x128", R"(
model:
  net: {hidden: [128, 128]}
  layers: [{repeat: 5, layers: [{kind: affine-coupling}, {kind: affine-coupling, condition: second}]}]
train: {}
)",
     63, 512},
    {"realnvp-2x512", R"(
model:
  net: {hidden: [512, 512]}
  layers: [{repeat: 5, layers: [{kind: affine-coupling}, {kind: affine-coupling, condition: second}]}]
train: {}
)",
     63, 512},
    {"nice-5x1000", R"(
model:
  net: {hidden: [1000, 1000, 1000, 1000, 1000]}
  base: logistic
  layers: [{repeat: 2, layers: [{kind: additive-coupling}, {kind: additive-coupling, condition: second}]},
           {kind: diagonal}]
train: {}
)",
     784, 256},
    {"nice-5x1000", R"(
model:
  net: {hidden: [1000, 1000, 1000, 1000, 1000]}
  base: logistic
  layers: [{repeat: 2, layers: [{kind: additive-coupling}, {kind: additive-coupling, condition: second}]},
           {kind: diagonal}]
train: {}
)",
     784, 512},
};

void report(const Work& w, const char* metric, std::size_t threads, double rows, double seconds,
            double flops_per_row, double peak) {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const double gflops = 1e-9 * flops_per_row * rows / seconds;
  std::printf(
      "{\"work\":\"%s\",\"metric\":\"%s\",\"isa\":\"%s\",\"threads\":%zu,\"batch\":%zu,"
      "\"rows_per_s\":%.0f,\"ms\":%.3f,\"gflops\":%.1f,\"peak_gflops\":%.1f,\"share_of_peak\":%.3f,"
      "\"peak_rss_mb\":%.1f}\n",
      w.name, metric, kernels().isa, threads, w.batch, rows / seconds, 1e3 * seconds, gflops, peak,
      gflops / peak, static_cast<double>(use.ru_maxrss) / 1024);
  std::fflush(stdout);
}

void run(const Work& w, std::size_t threads, double seconds) {
  Config config = Config::parse(w.config, w.name);
  ParamTable table;
  const auto flow = build_flow(config.map("model"), {.columns = w.columns}, table);
  TrainSpec spec = read_train_spec(config.map("train"));
  spec.batch = w.batch;
  settle(spec, w.batch, table.trained(), false);
  std::vector<real> theta(table.size()), average(table.size());
  table.start(theta, 0);
  std::vector<double> draws(w.batch * w.columns);
  Random(0, Stream::test).normal(0, draws);
  const Dataset data(std::vector<real>(draws.begin(), draws.end()), w.columns, false, 0);
  std::vector<std::uint64_t> order(w.batch);
  std::iota(order.begin(), order.end(), std::uint64_t{0});

  double weights = 0;
  for (const auto& e : table.entries())
    if (e.role == Role::weight) weights += static_cast<double>(e.param.size());
  std::vector<double> peaks{peak_gflops(threads)};
  const double rows = static_cast<double>(w.batch);
  {
    BatchGradient gradient(*flow, table, spec, threads);
    Optimiser optimiser(spec.optimiser, spec.average, table);
    std::uint32_t step = 0;
    const double t = time_of(seconds, [&] {
      gradient.add(theta, data, order, 1, step++);
      optimiser.step(1e-5, theta, gradient.gradient(), average, threads);
    });
    peaks.push_back(peak_gflops(threads));
    report(w, "train", threads, rows, t, 6 * weights, median(peaks));
  }
  Evaluator evaluator(*flow, table, theta, threads);
  std::vector<real> x(draws.begin(), draws.end());
  std::vector<double> logp(w.batch);
  const double score = time_of(seconds, [&] { evaluator.log_density(x.data(), w.batch, logp); });
  const double sample = time_of(
      seconds, [&] { evaluator.sample(Random(0, Stream::sample), 0, w.batch, 1, x.data()); });
  peaks.push_back(peak_gflops(threads));
  report(w, "score", threads, rows, score, 2 * weights, median(peaks));
  report(w, "sample", threads, rows, sample, 2 * weights, median(peaks));
  const double one = time_of(seconds / 4, [&] {
    evaluator.log_density(x.data(), 1, {logp.data(), 1});
  });
  report(w, "score-one-row", 1, 1, one, 2 * weights, median(peaks) / static_cast<double>(threads));
}

}  // namespace
}  // namespace flow

int main(int argc, char** argv) {
  const std::size_t threads = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2;
  const double seconds = argc > 2 ? std::strtod(argv[2], nullptr) : 3;
  for (const flow::Work& w : flow::works) flow::run(w, threads, seconds);
}

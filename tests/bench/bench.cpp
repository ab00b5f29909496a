// Times training and scoring of reference flows and prints JSON Lines: rows a second, GFLOP/s, and
// the share of the FMA peak measured in the same run (before and after each work, the median of
// all). The line of training says what shares of a step its parts take, over all threads
// (shares.h): gemm, maps, log_det, optimiser, data (rows into blocks), and the rest: copies,
// permutations, what layers prepare, and threads that wait for others.
//   bench [THREADS [SECONDS [WORK]]]
// WORK: a name of `works`, or realnvp:COLUMNS,COUPLINGS,WIDTH,ROWS, couplings even.
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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
#include "logdet/provenance.h"
#include "shares.h"
#include "train/gradient.h"
#include "train/optimiser.h"

namespace flow {
namespace {

double wall() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The clock, or with BENCH_CLOCK=cpu the processor's time: on one thread of a busy machine, where
// others take turns on the core.
double now() {
  static const char* const clock = std::getenv("BENCH_CLOCK");
  if (!clock || std::string(clock) != "cpu") return wall();
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
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
  std::string name;
  std::string layers;  // model.layers
  std::string net;     // model.net
  std::string base;
  std::size_t columns, batch;
  std::vector<std::size_t> dims = {};  // of images
};

std::string affine(std::size_t couplings) {
  return "[{repeat: " + std::to_string(couplings / 2) +
         ", layers: [{kind: affine-coupling}, {kind: affine-coupling, condition: second}]}]";
}
constexpr const char* spline =
    "[{repeat: 5, layers: [{kind: spline-coupling, bins: 8, bound: 3}, "
    "{kind: spline-coupling, bins: 8, bound: 3, condition: second}]}]";
constexpr const char* masked = "[{repeat: 5, layers: [{kind: affine-autoregressive}]}]";
constexpr const char* additive =
    "[{repeat: 2, layers: [{kind: additive-coupling}, "
    "{kind: additive-coupling, condition: second}]}, {kind: diagonal}]";
constexpr const char* five_1000 = "{hidden: [1000, 1000, 1000, 1000, 1000]}";

// Three levels of eight steps.
constexpr const char* glow_level =
    "{kind: squeeze}, {repeat: 8, layers: [{kind: actnorm, per: channel}, "
    "{kind: linear, per: channel, start: rotation}, "
    "{kind: affine-coupling, split: channels, gain: sigmoid}]}";
const std::string glow = std::string("[") + glow_level + ", {kind: factor-out, prior: standard}, " +
                         glow_level + ", {kind: factor-out, prior: standard}, " + glow_level + "]";
constexpr const char* convolutions = "{kind: convolution, hidden: [128, 128]}";

const Work works[] = {
    {"realnvp-2x128", affine(10), "{hidden: [128, 128]}", "normal", 63, 512},
    {"realnvp-2x512", affine(10), "{hidden: [512, 512]}", "normal", 63, 512},
    {"rq-nsf-res-2x128", spline, "{kind: residual, hidden: [128], blocks: 2}", "normal", 63, 512},
    {"maf-5-2x512", masked, "{hidden: [512, 512]}", "normal", 63, 512},
    {"nice-5x1000", additive, five_1000, "logistic", 784, 256},
    {"nice-5x1000", additive, five_1000, "logistic", 784, 512},
    {"glow-l3-k8-w128", glow, convolutions, "normal", 1024, 32, {32, 32}},
};

// What the command line asks for: one of those (two with that name), a RealNVP of any size, or all.
std::vector<Work> chosen(const std::string& name) {
  std::size_t columns, couplings, width, rows;
  if (std::sscanf(name.c_str(), "realnvp:%zu,%zu,%zu,%zu", &columns, &couplings, &width, &rows) ==
      4) {
    const std::string w = std::to_string(width);
    return {{name, affine(couplings), "{hidden: [" + w + ", " + w + "]}", "normal", columns, rows}};
  }
  std::vector<Work> found;
  for (const Work& w : works)
    if (name.empty() || name == w.name) found.push_back(w);
  return found;
}

// A flow with its parameters and a batch of normal rows.
struct Bench {
  ParamTable table;
  std::unique_ptr<Flow> flow;
  TrainSpec spec;
  std::vector<real> theta, rows;
  double weights = 0;  // numbers that a row is multiplied with
};

Bench prepare(const Work& w) {
  Bench b;
  Config config;
  config.set("model.layers", w.layers, w.name);
  config.set("model.net", w.net, w.name);
  config.set("model.base", w.base, w.name);
  b.flow = build_flow(config.map("model"), {.columns = w.columns, .dims = w.dims}, b.table);
  b.spec = read_train_spec(config.map("train"));
  b.spec.batch = w.batch;
  settle(b.spec, w.batch, b.table.trained(), false);
  b.theta.resize(b.table.size());
  b.table.start(b.theta, 0);
  std::vector<double> draws(w.batch * w.columns);
  Random(0, Stream::test).normal(0, draws);
  b.rows.assign(draws.begin(), draws.end());
  for (const auto& e : b.table.entries())
    if (e.role == Role::weight) b.weights += static_cast<double>(e.param.size()) * e.uses;
  return b;
}

double peak_megabytes() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return static_cast<double>(use.ru_maxrss) / 1024;
}

// flops: of a row and a weight. more: JSON, behind the rest.
void report(const Work& w, const Bench& b, const char* metric, std::size_t threads, double rows,
            double seconds, double flops, double peak, double megabytes,
            const std::string& more = "") {
  const double gflops = 1e-9 * flops * b.weights * rows / seconds;
  static const std::string cpu = provenance(threads, "", "").cpu;
  std::printf(
      "{\"work\":\"%s\",\"metric\":\"%s\",\"cpu\":\"%s\",\"isa\":\"%s\",\"threads\":%zu,\"batch\":%"
      "zu,"
      "\"rows_per_s\":%.0f,\"ms\":%.3f,\"gflops\":%.1f,\"peak_gflops\":%.1f,\"share_of_peak\":%.3f,"
      "\"parameters\":%zu,\"peak_rss_mb\":%.1f%s}\n",
      w.name.c_str(), metric, cpu.c_str(), kernels().isa, threads, w.batch, rows / seconds,
      1e3 * seconds, gflops, peak, gflops / peak, b.table.trained(), megabytes, more.c_str());
  std::fflush(stdout);
}

// A batch, and what a step of training on it takes.
struct Training {
  explicit Training(const Work& w, std::size_t workers)
      : bench(prepare(w)),
        threads(workers),
        data(bench.rows, w.columns, false, 0),
        order(w.batch),
        gradient(*bench.flow, bench.table, bench.spec, threads),
        optimiser(bench.spec.optimiser, bench.spec.average, bench.table),
        weights(optimiser.start({bench.theta.begin(), bench.theta.end()})) {
    std::iota(order.begin(), order.end(), std::uint64_t{0});
  }
  void step() {
    gradient.add(weights.theta, data, order, 1, steps++);
    optimiser.step(1e-5, weights, gradient.gradient(), threads);
  }
  // What a step does to bring the rows to its blocks, on one thread.
  void gather() {
    const std::size_t block = training_block(*bench.flow, bench.spec);
    block_memory.resize(block * data.width());
    row_memory.resize(data.width());
    for (std::size_t i = 0; i < order.size(); i += block)
      data.gather(std::span(order).subspan(i, std::min(block, order.size() - i)), 1,
                  {block_memory.data(), block, data.width(), block}, row_memory);
  }

  Bench bench;
  std::size_t threads;
  Dataset data;
  std::vector<std::uint64_t> order;
  BatchGradient gradient;
  Optimiser optimiser;
  Weights weights;
  std::vector<real> block_memory, row_memory;
  std::uint32_t steps = 0;
};

// As JSON: what shares of a step its parts take.
std::string shares(const Work& w, std::size_t threads, double seconds) {
  time_kernels(true);
  Training t(w, threads);
  for (int i = 0; i < 2; ++i) t.step();
  std::vector<double> of[parts], steps;
  for (const double start = wall(); wall() - start < seconds || steps.size() < 5;) {
    take_seconds();
    const double before = wall();
    t.step();
    steps.push_back(wall() - before);
    const Seconds spent = take_seconds();
    for (std::size_t p = 0; p < parts; ++p) of[p].push_back(spent[p] / steps.back());
  }
  const double n = static_cast<double>(threads), step = median(steps);
  double rest = 1;
  std::string json = ",\"share_of_step\":{";
  const auto add = [&](const char* name, double share) {
    char text[64];
    std::snprintf(text, sizeof text, "\"%s\":%.4f", name, share);
    rest -= share, json += std::string(json.ends_with('{') ? "" : ",") + text;
  };
  const char* const names[parts] = {"gemm", "maps", "log_det", "optimiser"};
  for (std::size_t p = 0; p < parts; ++p) add(names[p], median(of[p]) / n);
  add("data", time_of(seconds / 4, [&] { t.gather(); }) / (step * n));
  add("rest", rest);
  return json + "}";
}

void run_training(const Work& w, std::size_t threads, double seconds) {
  std::vector<double> peaks{peak_gflops(threads)};
  Training t(w, threads);
  const double step = time_of(seconds, [&] { t.step(); });
  peaks.push_back(peak_gflops(threads));
  const double megabytes = peak_megabytes();
  report(w, t.bench, "train", threads, static_cast<double>(w.batch), step, 6, median(peaks),
         megabytes, shares(w, threads, seconds / 2));
}

void run_inference(const Work& w, std::size_t threads, double seconds) {
  Bench b = prepare(w);
  const double before = peak_gflops(threads), rows = static_cast<double>(w.batch);
  Evaluator evaluator(*b.flow, b.table, b.theta, threads);
  std::vector<double> logp(w.batch);
  const double score =
      time_of(seconds, [&] { evaluator.log_density(b.rows.data(), w.batch, logp); });
  const double one = time_of(seconds / 4, [&] {
    evaluator.log_density(b.rows.data(), 1, {logp.data(), 1});
  });
  const double sample = time_of(
      seconds, [&] { evaluator.sample(Random(0, Stream::sample), 0, w.batch, 1, b.rows.data()); });
  const double peak = std::max(before, peak_gflops(threads));
  const double megabytes = peak_megabytes();
  report(w, b, "score", threads, rows, score, 2, peak, megabytes);
  report(w, b, "sample", threads, rows, sample, 2, peak, megabytes);
  report(w, b, "score-one-row", 1, 1, one, 2, peak / static_cast<double>(threads), megabytes);
}

// In a process of its own, so that its peak memory is its own.
template <class F>
void apart(F f) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    f();
    std::fflush(stdout);
    std::_Exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
}

}  // namespace
}  // namespace flow

int main(int argc, char** argv) {
  const std::size_t threads = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2;
  const double seconds = argc > 2 ? std::strtod(argv[2], nullptr) : 3;
  const std::vector<flow::Work> works = flow::chosen(argc > 3 ? argv[3] : "");
  if (works.empty()) {
    std::fprintf(stderr, "bench: no work %s; there are", argv[3]);
    for (const flow::Work& w : flow::works) std::fprintf(stderr, " %s", w.name.c_str());
    std::fprintf(stderr, " realnvp:COLUMNS,COUPLINGS,WIDTH,ROWS\n");
    return 2;
  }
  for (const flow::Work& w : works) {
    flow::apart([&] { flow::run_training(w, threads, seconds); });
    flow::apart([&] { flow::run_inference(w, threads, seconds); });
  }
}

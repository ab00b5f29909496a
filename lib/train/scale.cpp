#include "train/scale.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "config/scalar.h"
#include "core/error.h"
#include "core/text.h"
#include "train/gradient.h"
#include "train/optimiser.h"

namespace flow {

namespace {

using Clock = std::chrono::steady_clock;

// Seconds of a call: the median of some, and of as many as take a quarter of a second.
template <class F>
double time_of(F f) {
  std::vector<double> times;
  f();
  for (double all = 0; times.size() < 5 || (all < 0.25 && times.size() < 1000);) {
    const auto began = Clock::now();
    f();
    times.push_back(std::chrono::duration<double>(Clock::now() - began).count());
    all += times.back();
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                   times.end());
  return times[times.size() / 2];
}

// One of many ranks, for what depends on their number alone.
class Among : public Comm {
 public:
  Among(std::size_t rank, std::size_t size) : rank_(rank), size_(size) {}
  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return size_; }

 private:
  std::size_t rank_, size_;
};

// Seconds of the sum over the ranks (train/shard_sum.h) and of the word to stop: each rank gets its
// slice of what is left to be added, then all slices.
double time_of_sum(const ScaleSpec& s, const TrainSpec& spec, std::size_t parameters) {
  if (s.ranks == 1) return 0;
  Among rank(s.ranks - 1, s.ranks);
  const double p = static_cast<double>(s.ranks),
               open = static_cast<double>(ShardSum(spec.shards, 0, 1, rank).open()),
               bytes = static_cast<double>(sizeof(real) * parameters);
  const double messages = (open - open / p) + (p - 1) + std::ceil(std::log2(p));
  return messages * s.latency + bytes * ((open - open / p) / p + (p - 1) / p) / s.bandwidth;
}

}  // namespace

ScaleSpec parse_scale(const std::string& text, const ScaleSpec& usual) {
  ScaleSpec s = usual;
  const auto set = [&](const std::string& name, double value) {
    const std::pair<const char*, double*> times[]{{"latency", &s.latency},
                                                  {"bandwidth", &s.bandwidth},
                                                  {"read", &s.read},
                                                  {"shard", &s.shard},
                                                  {"update", &s.update}};
    for (const auto& [known, field] : times)
      if (name == known) return void(*field = value);
    const auto count = static_cast<std::size_t>(value);
    if (name == "ranks") return void(s.ranks = count);
    if (name == "threads") return void(s.threads = count);
    if (name == "rows") return void(s.rows = count);
    throw Error(Exit::usage, "--plan: '" + name +
                                 "' is not known; known are ranks, threads, rows, " +
                                 "latency, bandwidth, read, shard and update");
  };
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, end - at);
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto value = parse_number(equals < part.size() ? part.substr(equals + 1) : "");
    const std::string name = part.substr(0, equals);
    const double least = name == "ranks" || name == "threads" || name == "rows" ? 1 : 1e-12;
    require(value && *value >= least && *value <= 1e18, Exit::usage,
            "--plan: " + quoted(part) + ": give NAME=NUMBER, as in ranks=256,rows=1e10");
    set(name, *value);
    at = end + 1;
  }
  return s;
}

void measure_exchange(Comm& comm, ScaleSpec& s) {
  if (comm.size() == 1) return;
  constexpr std::size_t large = std::size_t{16} << 20;
  std::vector<std::byte> out(large), in(large);
  const auto exchanges = [&](std::size_t bytes, int count) {
    const auto began = Clock::now();
    for (int i = 0; i < count && comm.rank() < 2; ++i) {
      const Message to{1 - comm.rank(), std::span(out).first(bytes)},
          from{1 - comm.rank(), std::span(in).first(bytes)};
      comm.exchange({&to, 1}, {&from, 1});
    }
    return std::chrono::duration<double>(Clock::now() - began).count() / count;
  };
  exchanges(large, 2);
  s.latency = exchanges(1, 200);
  s.bandwidth = static_cast<double>(large) / exchanges(large, 20);
}

void measure_step(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
                  const Dataset& sample, std::size_t threads, ScaleSpec& scale) {
  if (scale.shard > 0 && scale.update > 0) return;
  TrainSpec one = spec;
  one.batch = (spec.batch + spec.shards - 1) / spec.shards, one.shards = 1;
  std::vector<std::uint64_t> rows(one.batch);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i % sample.rows();
  BatchGradient gradient(flow, table, one, 1);
  Optimiser optimiser(spec.optimiser, spec.average, table);
  std::vector<real> theta(table.size());
  table.start(theta, spec.seed);
  Weights weights = optimiser.start(std::move(theta));
  const double shard = time_of([&] { gradient.add(weights.theta, sample, rows, 1, 0); }),
               update =
                   time_of([&] { optimiser.step(1e-9, weights, gradient.gradient(), threads); });
  if (scale.shard == 0) scale.shard = shard;
  if (scale.update == 0) scale.update = update;
}

ScalePlan plan_scale(const ScaleSpec& s, const TrainSpec& spec, std::size_t parameters,
                     std::size_t row_bytes) {
  require(s.ranks <= spec.shards, Exit::usage,
          "--plan: " + std::to_string(s.ranks) + " ranks, and a batch has " +
              std::to_string(spec.shards) +
              " shards; plan no more ranks than shards, or set train.shards, and train.batch");
  const auto compute = [&](std::size_t ranks) {
    const std::size_t most = (spec.shards + ranks - 1) / ranks;  // shards of a rank
    return static_cast<double>((most + s.threads - 1) / s.threads) * s.shard;
  };
  ScalePlan p;
  p.compute = compute(s.ranks), p.update = s.update;
  p.sum = time_of_sum(s, spec, parameters);
  const auto bytes = static_cast<double>(spec.batch * row_bytes);
  p.read = bytes / static_cast<double>(s.ranks) / s.read;
  p.steps = std::ceil(static_cast<double>(s.rows) / static_cast<double>(spec.batch));
  const double alone = std::max(compute(1) + s.update, bytes / s.read);
  p.efficiency = alone / (static_cast<double>(s.ranks) * p.step());
  return p;
}

std::string describe(const ScaleSpec& s, const TrainSpec& spec, const ScalePlan& p,
                     std::size_t row_bytes) {
  const auto part = [&](const char* name, double seconds) {
    return format("  %-14s %10.4g ms  %5.1f %%\n", name, 1e3 * seconds, 100 * seconds / p.step());
  };
  std::string out =
      format("ranks            %zu of %zu threads, %.4g rows, a batch of %zu in %zu shards\n",
             s.ranks, s.threads, static_cast<double>(s.rows), spec.batch, spec.shards);
  out += format("taken for it     shard=%.4g,update=%.4g,latency=%.3g,bandwidth=%.3g,read=%.3g\n",
                s.shard, s.update, s.latency, s.bandwidth, s.read);
  out += format("a step           %10.4g ms\n", 1e3 * p.step());
  out += part("gradient", p.compute) + part("sum", p.sum) + part("update", p.update);
  out += part("reading", p.read);
  out += format(
      "an epoch         %.4g steps, %s; the pass in front of all %s\n", p.steps,
      duration(p.steps * p.step()).c_str(),
      duration(static_cast<double>(s.rows) * static_cast<double>(row_bytes) / s.read).c_str());
  out += format("efficiency       %.0f %%\n", 100 * p.efficiency);
  return out;
}

}  // namespace flow

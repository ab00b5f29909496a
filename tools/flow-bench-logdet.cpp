// flow-bench-logdet: what log |det J| costs, by the dense Jacobian and by the triangular sum, and
// whether the two agree.
#include <algorithm>
#include <chrono>
#include <cmath>

#include "cli/program.h"
#include "core/aligned.h"
#include "core/text.h"
#include "flow/build.h"
#include "flow/evaluate.h"
#include "flow/jacobian.h"
#include "kernels/kernels.h"
#include "nn/lu.h"

using namespace flow;

namespace {

struct Options {
  std::string dims = "16,64,256,512,784,1024";
  std::size_t hidden = 128, repeats = 5;
};

std::vector<std::size_t> parse_dims(const std::string& list) {
  std::vector<std::size_t> dims;
  for (std::size_t first = 0; first <= list.size();) {
    const std::size_t comma = std::min(list.find(',', first), list.size());
    const auto n = cli::parse_number<std::size_t>(list.substr(first, comma - first), "--dim");
    require(n >= 2 && n <= 8192, Exit::usage,
            "--dim " + std::to_string(n) + ": must be from 2 to 8192");
    dims.push_back(n);
    first = comma + 1;
  }
  return dims;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The median seconds of a call. A processor that was idle takes some milliseconds to speed up.
template <class F>
double median_time(std::size_t repeats, F f) {
  const auto first = std::chrono::steady_clock::now();
  do f();
  while (seconds_since(first) < 0.02);
  std::vector<double> times;
  for (std::size_t r = 0; r < repeats; ++r) {
    const auto start = std::chrono::steady_clock::now();
    f();
    times.push_back(seconds_since(start));
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

struct Row {
  std::size_t n;
  double jacobian, lu;   // seconds, of one row
  double sum, coupling;  // seconds of one row, of a block of block_rows
  double difference;     // of the two log-dets
};

// Two affine couplings that condition on either half: a general triangular product.
std::unique_ptr<Flow> make_flow(std::size_t n, std::size_t hidden, ParamTable& table) {
  Config config = Config::parse(
      "net: {hidden: [" + std::to_string(hidden) + ", " + std::to_string(hidden) +
          "], activation: tanh, start: 0.05}\n"
          "layers: [{kind: affine-coupling}, {kind: affine-coupling, condition: second}]\n",
      "flow-bench-logdet");
  return build_flow(config, {.columns = n}, table);
}

// The triangular log-det alone: N numbers a row, summed.
double time_sum(std::size_t n, std::size_t repeats) {
  const Aligned<real> s(n * block_rows);
  std::fill_n(s.data(), s.size(), real(0.01));
  std::vector<double> logdet(block_rows);
  constexpr std::size_t calls = 64;
  volatile double sink = 0;
  const double t = median_time(repeats, [&] {
    for (std::size_t c = 0; c < calls; ++c) {
      std::fill(logdet.begin(), logdet.end(), 0.0);
      for (std::size_t j = 0; j < n; ++j)
        for (std::size_t i = 0; i < block_rows; ++i)
          logdet[i] += static_cast<double>(s.data()[j * block_rows + i]);
      sink = sink + logdet[0];
    }
  });
  return t / static_cast<double>(calls * block_rows);
}

Row measure(std::size_t n, const Options& o) {
  ParamTable table;
  const auto flow = make_flow(n, o.hidden, table);
  std::vector<real> theta(table.size()), rows(n * block_rows);
  table.start(theta, 0);
  std::vector<double> draws(rows.size()), logdet(block_rows);
  Random(0, Stream::test).normal(0, draws);
  std::copy(draws.begin(), draws.end(), rows.begin());
  const std::span<const real> x(rows.data(), n);

  Row r{.n = n,
        .jacobian = 0,
        .lu = 0,
        .sum = time_sum(n, o.repeats),
        .coupling = 0,
        .difference = 0};
  DenseJacobian dense(*flow, table, theta);
  std::vector<real> jacobian(n * n), work(n * n);
  double analytic = 0;
  r.jacobian = median_time(o.repeats, [&] { analytic = dense.at(x, jacobian); });
  std::vector<std::size_t> pivots(n);
  LogAbsDet by_lu{};
  std::vector<double> lu_times;
  for (std::size_t k = 0; k <= o.repeats; ++k) {
    std::copy(jacobian.begin(), jacobian.end(), work.begin());  // not part of the price
    const auto start = std::chrono::steady_clock::now();
    by_lu = log_abs_det(View<real>{work.data(), n, n, n}, pivots);
    lu_times.push_back(seconds_since(start));
  }
  std::sort(lu_times.begin() + 1, lu_times.end());
  r.lu = lu_times[1 + o.repeats / 2];
  r.difference = std::abs(analytic - by_lu.log_abs);

  Evaluator evaluator(*flow, table, theta, 1);
  const std::vector<real> kept = rows;
  const double pass = median_time(o.repeats, [&] {
    std::copy(kept.begin(), kept.end(), rows.begin());
    evaluator.encode(rows.data(), block_rows, logdet, flow->depth());
  });
  r.coupling = pass / static_cast<double>(block_rows);
  return r;
}

void run(const Options& o) {
  const std::vector<std::size_t> dims = parse_dims(o.dims);
  cli::write_stdout(std::string("log|det J| of one row, one thread, kernels ") + kernels().isa +
                    ", " + (sizeof(real) == 4 ? "float32" : "float64") + "\n" +
                    format("%6s %14s %12s %14s %14s %14s %12s\n", "N", "jacobian ms", "dense LU ms",
                           "whole pass us", "sum ns", "LU / sum", "difference"));
  bool agree = true;
  for (const std::size_t n : dims) {
    const Row r = measure(n, o);
    // What rounding of N terms allows.
    const double bound = sizeof(real) == 4 ? 1e-5 + 1e-6 * static_cast<double>(n) : 1e-9;
    agree = agree && r.difference <= bound;
    cli::write_stdout(format("%6zu %14.4f %12.4f %14.3f %14.2f %14.0f %12.2g%s\n", r.n,
                             1e3 * r.jacobian, 1e3 * r.lu, 1e6 * r.coupling, 1e9 * r.sum,
                             r.lu / r.sum, r.difference,
                             r.difference <= bound ? "" : "  DISAGREE"));
  }
  require(agree, Exit::failed,
          "the dense and the triangular log-determinants disagree beyond rounding");
}

}  // namespace

int main(int argc, char** argv) {
  cli::Program program(
      "flow-bench-logdet",
      "Times log |det J| by LU of the dense Jacobian, O(N^3), against the triangular sum of "
      "a coupling flow, O(N), and checks that both agree.");
  Options o;
  program.section("Benchmark");
  program.option("--dim", o.dims, "LIST", "numbers in a row: 16,64,784 (default up to 1024)");
  program.option("--hidden", o.hidden, "H", "width of the couplings' nets (default 128)");
  program.option("-r,--repeats", o.repeats, "R",
                 "timed runs, of which the median counts (default 5)");
  program.example("flow-bench-logdet", "the whole table");
  program.example("flow-bench-logdet --dim 784", "a 28x28 image");
  return program.run(argc, argv, [&] {
    require(o.hidden >= 1 && o.hidden <= 8192, Exit::usage, "--hidden: must be from 1 to 8192");
    require(o.repeats >= 1 && o.repeats <= 1000, Exit::usage, "--repeats: must be from 1 to 1000");
    run(o);
  });
}

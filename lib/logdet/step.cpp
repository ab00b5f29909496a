#include "logdet/step.h"

#include <cmath>
#include <set>

#include "flow/evaluate.h"
#include "flow/jacobian.h"
#include "flow/start.h"
#include "logdet/bench.h"
#include "logdet/matrix.h"
#include "train/gradient.h"
#include "train/optimiser.h"

namespace flow {

namespace {

constexpr std::size_t samples = 5;

double time_step(const Trainee& t, const Dataset& data, std::size_t threads) {
  BatchGradient gradient(t.flow, t.table, t.spec, threads);
  Optimiser optimiser(t.spec.optimiser, t.spec.average, t.table);
  Weights weights = optimiser.start({t.theta.begin(), t.theta.end()});
  std::vector<std::uint64_t> rows(t.spec.batch);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i % data.rows();
  std::uint32_t step = 0;
  return time_calls(
             samples, threads, [] {},
             [&] {
               gradient.add(weights.theta, data, rows, 1, step++);
               optimiser.step(1e-9, weights, gradient.gradient(), threads);
             })
      .median;
}

// Forward each term of a row is added up, backward its gradient gains the row's dlogdet.
double time_log_dets(std::size_t terms, std::size_t batch) {
  constexpr std::size_t columns = 256;  // in turns: a block of them stays in the cache
  const Aligned<real> s = normal_numbers(columns * block_rows, 1, 0.3);
  alignas(64) real dlogdet[block_rows] = {};
  double logdet[block_rows] = {};
  const double block = time_calls(
                           samples, 1, [] {},
                           [&] {
                             for (std::size_t j = 0; j < terms; ++j) {
                               real* const column = s.data() + j % columns * block_rows;
                               for (std::size_t i = 0; i < block_rows; ++i)
                                 logdet[i] += static_cast<double>(column[i]);
                               for (std::size_t i = 0; i < block_rows; ++i) column[i] += dlogdet[i];
                             }
                           })
                           .median;
  return block * static_cast<double>(batch) / static_cast<double>(block_rows);
}

double time_lu(std::size_t n) {
  Size size;
  size.n = n;
  return measure(*find_method("lu"), size, 3, false).timing.least;
}

// The LU of a matrix too large to try.
double extrapolated_lu(std::size_t n) {
  std::vector<double> sizes, times;
  for (const std::size_t smaller : {512, 640, 784, 1024}) {
    sizes.push_back(static_cast<double>(smaller));
    times.push_back(time_lu(smaller));
  }
  return fit_power(sizes, times).at(static_cast<double>(n));
}

double time_jacobian(const Trainee& t) {
  const std::size_t d = t.flow.columns();
  DenseJacobian jacobian(t.flow, t.table, t.theta);
  const std::vector<real> row(t.flow.width(), real(0.5));
  const Aligned<real> out(d * d);
  const double start = now();
  jacobian.at(row, out);
  return now() - start;
}

}  // namespace

std::vector<real> start_parameters(const Flow& flow, const ParamTable& table, const Dataset& data) {
  std::vector<real> theta(table.size());
  table.start(theta, 0);
  std::vector<std::uint64_t> order(round_up(std::min<std::size_t>(data.rows(), 4096), lanes));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i % data.rows();
  const Aligned<real> memory(order.size() * data.width()), row(data.width());
  const Mat x{memory.data(), order.size(), data.width(), order.size()};
  data.gather(order, 0, x, row);
  start_from_data(flow, table, theta, x, StartOf::all, 1);
  return theta;
}

std::size_t log_det_terms(const Flow& flow) {
  // Log-dets that are 0, or the same for all rows and computed once.
  const std::set<std::string> free{"additive-coupling", "permute",   "actnorm",
                                   "diagonal",          "linear",    "standardise",
                                   "rescale",           "batch-norm"};
  std::size_t terms = 0;
  for (std::size_t k = 0; k < flow.depth(); ++k) {
    const std::string kind = flow.name(k).substr(flow.name(k).find('-') + 1);
    if (!free.contains(kind)) terms += flow.columns() / (kind.ends_with("-coupling") ? 2 : 1);
  }
  return terms;
}

StepCost measure_step(const Trainee& t, const Dataset& data, std::size_t threads, double seconds) {
  const std::size_t d = t.flow.columns();
  StepCost c{.columns = d, .batch = t.spec.batch};
  c.step = time_step(t, data, threads);
  const auto share = static_cast<double>(threads);
  c.log_dets = time_log_dets(log_det_terms(t.flow), c.batch) / share;
  // A block of rows forwards and backwards gives block_rows rows of J.
  const double block =
      c.step * share * static_cast<double>(block_rows) / static_cast<double>(c.batch);
  double jacobian = block * std::ceil(static_cast<double>(d) / static_cast<double>(block_rows));
  c.measured = d <= 2048 && jacobian < seconds / 2;
  if (c.measured) jacobian = time_jacobian(t);
  const double lu = c.measured ? time_lu(d) : extrapolated_lu(d);
  c.dense = c.step + static_cast<double>(c.batch) * (jacobian + 3 * lu) / share;
  return c;
}

}  // namespace flow

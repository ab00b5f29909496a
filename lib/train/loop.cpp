#include "train/loop.h"

#include <chrono>
#include <cmath>

#include "core/error.h"
#include "flow/evaluate.h"
#include "flow/start.h"

namespace flow {

namespace {

constexpr std::size_t patience_for_bad_steps = 10, most_rollbacks = 5;

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// The first rows in shuffled order, the same for a seed whatever the threads.
Mat start_sample(const Dataset& data, std::uint64_t seed, std::vector<real>& memory) {
  auto order = Random(seed, Stream::shuffle).permutation(data.rows());
  order.resize(std::min(order.size(), start_rows));
  const std::size_t rows = round_up(order.size(), lanes);
  // The tail is filled with the first rows again, not with one row sixteen times.
  for (std::size_t i = 0; order.size() < rows; ++i) order.push_back(order[i]);
  memory.resize(rows * data.columns());
  const Mat x{memory.data(), rows, data.columns(), rows};
  std::vector<real> row(data.columns());
  data.gather(order, 0, x, row);
  return x;
}

}  // namespace

Trainer::Trainer(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
                 const Dataset& train, const Dataset& validation, std::size_t threads)
    : flow_(flow),
      table_(table),
      spec_(spec),
      train_(train),
      validation_(validation),
      threads_(threads),
      steps_per_epoch_((train.rows() + spec.batch - 1) / spec.batch),
      theta_(table.size()),
      gradient_(flow, table, spec_, threads),
      optimiser_(spec.optimiser, spec.average, table) {
  table.start(theta_, spec.seed);
  std::vector<real> memory;
  start_from_data(flow, table, theta_, start_sample(train, spec.seed, memory), StartOf::all,
                  threads);
  if (spec.average > 0) average_ = theta_;
  good_ = {theta_, average_, optimiser_.state()};
}

void Trainer::run(const Watch& watch) {
  const double start = seconds_now();
  EpochReport report;
  validate(report);  // a model of 0 epochs is the start
  std::size_t since_best = 0;
  for (bool go_on = true; go_on && epoch_ < spec_.epochs;) {
    go_on = run_epoch(watch, report);
    validate(report);
    report.seconds = seconds_now() - start;
    history_.push_back(report);
    watch.epoch(report);
    since_best = report.best ? 0 : since_best + 1;
    if (spec_.patience && since_best >= spec_.patience) {
      watch.note("no better validation for " + std::to_string(since_best) + " epochs; stopping");
      break;
    }
  }
  require(!best_.empty(), Exit::failed,
          "no epoch had a finite validation; lower train.rate, or look for extreme rows");
}

bool Trainer::run_epoch(const Watch& watch, EpochReport& report) {
  ++epoch_;
  const auto order = Random(spec_.seed, Stream::shuffle, static_cast<std::uint32_t>(epoch_))
                         .permutation(train_.rows());
  double sum = 0, rows = 0;
  bool go_on = true;
  for (std::size_t b = 0; b < steps_per_epoch_ && go_on; ++b) {
    // Batches of nearly equal size, so that the last one's gradient is no noisier.
    const std::size_t first = order.size() * b / steps_per_epoch_,
                      end = order.size() * (b + 1) / steps_per_epoch_;
    double mean = 0;
    if (take_step({order.data() + first, end - first}, report, mean))
      sum += mean * static_cast<double>(end - first), rows += static_cast<double>(end - first);
    else
      skip_step(watch);
    go_on = watch.step(step_, steps(), mean);
  }
  report.epoch = epoch_, report.step = step_, report.skipped = skipped_;
  report.train = sum / rows;
  return go_on;
}

bool Trainer::take_step(std::span<const std::uint64_t> rows, EpochReport& report, double& mean) {
  const auto key = static_cast<std::uint32_t>(step_);
  const auto batch = gradient_.add(theta_, train_, rows, static_cast<std::uint32_t>(epoch_), key);
  mean = batch.sum / static_cast<double>(batch.rows);
  report.rate = rate_factor_ * rate_at(spec_.schedule, step_++, steps(), steps_per_epoch_);
  if (!std::isfinite(mean)) {
    const Vec g = gradient_.gradient();
    std::fill(g.begin(), g.end(), real(0));
    return false;
  }
  report.norm = optimiser_.step(report.rate, theta_, gradient_.gradient(), average_, threads_);
  if (!std::isfinite(report.norm)) return false;
  skipped_in_a_row_ = 0;
  return true;
}

void Trainer::skip_step(const Watch& watch) {
  ++skipped_;
  if (++skipped_in_a_row_ < patience_for_bad_steps) return;
  require(++rollbacks_ <= most_rollbacks, Exit::failed,
          "training diverged: the density or its gradient is not finite from step " +
              std::to_string(step_) + " on, " + std::to_string(most_rollbacks) +
              " returns to a good state did not help; lower train.rate, or look for extreme rows");
  theta_ = good_.theta, average_ = good_.average;
  optimiser_.restore(good_.moments);
  rate_factor_ /= 2, skipped_in_a_row_ = 0;
  watch.note("step " + std::to_string(step_) +
             ": ten steps were not finite; back to the last good state at half the rate");
}

void Trainer::validate(EpochReport& report) {
  std::vector<real> weights = average_.empty() ? theta_ : average_;
  if (flow_.couples_rows()) {
    std::vector<real> memory;
    const Mat x = start_sample(train_, spec_.seed, memory);
    start_from_data(flow_, table_, weights, x, StartOf::statistics, threads_);
  }
  const std::size_t d = validation_.columns();
  std::vector<real> rows(validation_.rows() * d);
  for (std::size_t i = 0; i < validation_.rows(); ++i) validation_.row(i, 0, rows.data() + i * d);
  std::vector<double> logp(validation_.rows());
  Evaluator(flow_, table_, weights, threads_).log_density(rows.data(), validation_.rows(), logp);
  report.validation = summarise(logp);

  const double mean = report.validation.mean;
  report.best = std::isfinite(mean) && (best_.empty() || mean > best_report_.validation.mean);
  if (std::isfinite(mean) && skipped_in_a_row_ == 0) good_ = {theta_, average_, optimiser_.state()};
  if (!report.best) return;
  best_ = std::move(weights);
  best_report_ = report;
}

}  // namespace flow

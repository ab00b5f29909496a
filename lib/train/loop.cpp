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
  order.resize(std::min(order.size(), start_rows(data.width())));
  const std::size_t rows = round_up(order.size(), lanes);
  // The tail is filled with the first rows again, not with one row sixteen times.
  for (std::size_t i = 0; order.size() < rows; ++i) order.push_back(order[i]);
  memory.resize(rows * data.width());
  const Mat x{memory.data(), rows, data.width(), rows};
  std::vector<real> row(data.width());
  data.gather(order, 0, x, row);
  return x;
}

}  // namespace

Trainer::Trainer(const Flow& flow, const ParamTable& table, const TrainSpec& spec, Batches& train,
                 const Dataset& validation, std::size_t threads, std::optional<TrainState> state,
                 Comm& comm)
    : flow_(flow),
      table_(table),
      spec_(spec),
      train_(train),
      validation_(validation),
      threads_(threads),
      steps_per_epoch_(train.steps()),
      comm_(comm),
      gradient_(flow, table, spec_, threads, comm),
      optimiser_(spec.optimiser, spec.average, table),
      began_(seconds_now() - (state ? state->report.seconds : 0)) {
  if (state)
    state_ = std::move(*state);
  else
    start();
}

void Trainer::start() {
  std::vector<real> theta(table_.size()), memory;
  table_.start(theta, spec_.seed);
  start_from_data(flow_, table_, theta, start_sample(train_.sample(), spec_.seed, memory),
                  StartOf::all, threads_);
  state_.now = state_.good = optimiser_.start(std::move(theta));
  validate();  // a model of 0 epochs is the start
}

double Trainer::seconds() const { return seconds_now() - began_; }

bool Trainer::ended() const {
  return state_.report.epoch >= spec_.epochs ||
         (spec_.patience && state_.since_best >= spec_.patience);
}

bool Trainer::run(const Watch& watch) {
  while (!ended()) {
    if (!run_epoch(watch)) return false;
    validate();
    state_.history.push_back(state_.report);
    state_.since_best = state_.report.best ? 0 : state_.since_best + 1;
    watch.epoch(state_.report);
  }
  require(!state_.best.empty(), Exit::failed,
          "no epoch had a finite validation; lower train.rate, or look for extreme rows");
  return true;
}

bool Trainer::run_epoch(const Watch& watch) {
  TrainState& s = state_;
  while (s.batch < steps_per_epoch_) {
    BatchGradient::Result batch;
    const double before = seconds();
    if (take_step(batch))
      s.sum += batch.sum, s.weight += batch.weight;
    else
      skip_step(watch);
    ++s.batch;
    s.report.seconds = seconds();
    in_steps_ += s.report.seconds - before;
    if (!watch.step(s.report.step, steps(), batch.mean())) return false;
  }
  s.report.train = s.sum / s.weight;
  ++s.report.epoch;
  s.batch = 0, s.sum = 0, s.weight = 0;
  return true;
}

bool Trainer::take_step(BatchGradient::Result& batch) {
  EpochReport& r = state_.report;
  const auto epoch = static_cast<std::uint32_t>(r.epoch + 1),
             key = static_cast<std::uint32_t>(r.step);
  batch = gradient_.add(state_.now.theta, train_.take(epoch, state_.batch), epoch, key);
  r.rate = state_.rate_factor * rate_at(spec_.schedule, r.step++, steps(), steps_per_epoch_);
  if (!std::isfinite(batch.sum)) {
    const Vec g = gradient_.gradient();
    std::fill(g.begin(), g.end(), real(0));
    return false;
  }
  r.norm = optimiser_.step(r.rate, state_.now, gradient_.gradient(), threads_);
  if (!std::isfinite(r.norm)) return false;
  state_.skipped_in_a_row = 0;
  return true;
}

void Trainer::skip_step(const Watch& watch) {
  TrainState& s = state_;
  ++s.report.skipped;
  if (++s.skipped_in_a_row < patience_for_bad_steps) return;
  require(++s.rollbacks <= most_rollbacks, Exit::failed,
          "training diverged: the density or its gradient is not finite from step " +
              std::to_string(s.report.step) + " on, " + std::to_string(most_rollbacks) +
              " returns to a good state did not help; lower train.rate, or look for extreme rows");
  s.now = s.good;
  s.rate_factor /= 2, s.skipped_in_a_row = 0;
  watch.note("step " + std::to_string(s.report.step) +
             ": ten steps were not finite; back to the last good state at half the rate");
}

std::vector<real> Trainer::weights() const {
  std::vector<real> theta = state_.now.average.empty() ? state_.now.theta : state_.now.average;
  if (flow_.couples_rows()) {
    std::vector<real> memory;
    const Mat x = start_sample(train_.sample(), spec_.seed, memory);
    start_from_data(flow_, table_, theta, x, StartOf::statistics, threads_);
  }
  return theta;
}

void Trainer::validate() {
  TrainState& s = state_;
  std::vector<real> theta = weights();
  std::vector<double> logp(validation_.rows());
  validation_scores(theta, logp);
  s.report.validation = summarise(logp, validation_.weights());
  s.report.seconds = seconds();

  const double mean = s.report.validation.mean;
  s.report.best = std::isfinite(mean) && (s.best.empty() || mean > s.best_report.validation.mean);
  if (std::isfinite(mean) && s.skipped_in_a_row == 0) s.good = s.now;
  if (!s.report.best) return;
  s.best = std::move(theta);
  s.best_report = s.report;
}

// Each rank scores its part of the rows, in whole blocks; a row's bits depend on the row alone.
void Trainer::validation_scores(CVec theta, std::span<double> logp) {
  const std::size_t n = validation_.rows(), width = validation_.width(),
                    blocks = (n + block_rows - 1) / block_rows;
  const auto begin = [&](std::size_t rank) {
    return std::min(n, boundary(blocks, rank, comm_.size()) * block_rows);
  };
  const std::size_t first = begin(comm_.rank()), count = begin(comm_.rank() + 1) - first;
  std::vector<real> rows(count * width);
  for (std::size_t i = 0; i < count; ++i) validation_.row(first + i, 0, rows.data() + i * width);
  Evaluator(flow_, table_, theta, threads_)
      .log_density(rows.data(), count, logp.subspan(first, count));
  gather(comm_, logp, begin);
}

}  // namespace flow

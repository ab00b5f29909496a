// Training by maximum likelihood: epochs of shuffled batches, validation in the loop, the best
// model kept. A step that is not finite is skipped and counted; after ten in a row training goes
// back to the last good state at half the rate, and gives up where that does not help.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "flow/summary.h"
#include "train/dataset.h"
#include "train/gradient.h"
#include "train/optimiser.h"

namespace flow {

struct EpochReport {
  std::size_t epoch = 0, step = 0;  // done so far
  double train = 0;                 // mean log p over the epoch's batches
  Summary validation;               // of the held-out rows, nats
  double rate = 0, norm = 0;        // of the last step: learning rate, gradient before clipping
  std::size_t skipped = 0;          // steps that were not finite, so far
  double seconds = 0;
  bool best = false;
};

struct Watch {
  // After each step: steps done, of how many, mean log p of the batch. False stops training.
  std::function<bool(std::size_t, std::size_t, double)> step = [](auto, auto, auto) {
    return true;
  };
  std::function<void(const EpochReport&)> epoch = [](auto&) {};
  std::function<void(const std::string&)> note = [](auto&) {};
};

class Trainer {
 public:
  // spec is settled (settle). Parameters start from the seed and from the data.
  Trainer(const Flow& flow, const ParamTable& table, const TrainSpec& spec, const Dataset& train,
          const Dataset& validation, std::size_t threads);

  // Error(Exit::failed) where training diverged.
  void run(const Watch& watch);

  std::size_t steps() const { return spec_.epochs * steps_per_epoch_; }
  CVec best() const { return best_; }  // parameters of the best validation
  const EpochReport& best_report() const { return best_report_; }
  const std::vector<EpochReport>& history() const { return history_; }

 private:
  struct Snapshot {
    std::vector<real> theta, average;
    Optimiser::State moments;
  };
  bool run_epoch(const Watch& watch, EpochReport& report);
  bool take_step(std::span<const std::uint64_t> rows, EpochReport& report, double& mean);
  void skip_step(const Watch& watch);
  void validate(EpochReport& report);

  const Flow& flow_;
  const ParamTable& table_;
  TrainSpec spec_;
  const Dataset &train_, &validation_;
  std::size_t threads_, steps_per_epoch_;
  std::vector<real> theta_, average_, best_;
  BatchGradient gradient_;
  Optimiser optimiser_;
  Snapshot good_;
  std::size_t step_ = 0, epoch_ = 0, skipped_ = 0, skipped_in_a_row_ = 0, rollbacks_ = 0;
  double rate_factor_ = 1;
  EpochReport best_report_;
  std::vector<EpochReport> history_;
};

}  // namespace flow

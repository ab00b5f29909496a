// Training by maximum likelihood: epochs of shuffled batches, validation in the loop, the best
// model kept. A step that is not finite is skipped and counted; after ten in a row training goes
// back to the last good state at half the rate, and gives up where that does not help.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "train/batches.h"
#include "train/gradient.h"
#include "train/optimiser.h"
#include "train/state.h"

namespace flow {

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
  // spec is settled (settle). Parameters start from the seed and from the data, or training goes on
  // from the state of a run with the same arguments, threads and ranks aside. All ranks of comm do
  // the same, each with all rows to validate on, and get the same.
  Trainer(const Flow& flow, const ParamTable& table, const TrainSpec& spec, Batches& train,
          const Dataset& validation, std::size_t threads, std::optional<TrainState> state = {},
          Comm& comm = alone());

  // True when training has ended, false where the watch stopped it behind a step: state() is then
  // that of the step. Error(Exit::failed) where training diverged.
  bool run(const Watch& watch);

  std::size_t steps() const { return spec_.epochs * steps_per_epoch_; }
  const TrainState& state() const { return state_; }
  // As validation sees them now: averaged, with the statistics of layers that couple rows.
  std::vector<real> weights() const;
  CVec best() const { return state_.best; }  // parameters of the best validation
  const EpochReport& best_report() const { return state_.best_report; }
  const std::vector<EpochReport>& history() const { return state_.history; }
  // Whether it ended since the validation was no better for spec.patience epochs.
  bool lost_patience() const { return ended() && state_.report.epoch < spec_.epochs; }
  // The share of the time of this sitting's steps that was spent waiting for other ranks.
  double waiting() const { return in_steps_ > 0 ? gradient_.seconds_of_ranks() / in_steps_ : 0; }

 private:
  void start();
  bool ended() const;
  bool run_epoch(const Watch& watch);
  bool take_step(BatchGradient::Result& batch);
  void skip_step(const Watch& watch);
  void validate();
  void validation_scores(CVec theta, std::span<double> logp);
  double seconds() const;

  const Flow& flow_;
  const ParamTable& table_;
  TrainSpec spec_;
  Batches& train_;
  const Dataset& validation_;
  std::size_t threads_, steps_per_epoch_;
  Comm& comm_;
  BatchGradient gradient_;
  Optimiser optimiser_;
  TrainState state_;
  double began_;         // seconds of a clock, the earlier sittings taken away
  double in_steps_ = 0;  // seconds, of this sitting
};

}  // namespace flow

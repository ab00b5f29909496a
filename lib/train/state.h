// Everything that a training run carries from one step to the next: what a checkpoint holds. A
// state put back into a Trainer goes on to the same bits.
#pragma once
#include <vector>

#include "flow/summary.h"
#include "train/optimiser.h"

namespace flow {

struct EpochReport {
  std::size_t epoch = 0, step = 0;  // done so far
  double train = 0;                 // mean log p over the epoch's batches, by weight
  Summary validation;               // of the held-out rows, by weight, nats
  double rate = 0, norm = 0;        // of the last step: learning rate, gradient before clipping
  std::size_t skipped = 0;          // steps that were not finite, so far
  double seconds = 0;               // of training, over all its sittings
  bool best = false;
};

struct TrainState {
  Weights now, good;        // good: where the last finite validation was, to go back to
  std::vector<real> best;   // parameters of the best validation
  EpochReport best_report;  // and what it gave
  EpochReport report;       // of the running epoch
  std::vector<EpochReport> history;
  std::size_t batch = 0;  // batches done of the running epoch,
  double sum = 0;         // and over their rows the sums of weight times log p,
  double weight = 0;      // and of the weights
  std::size_t skipped_in_a_row = 0, rollbacks = 0, since_best = 0;
  double rate_factor = 1;
};

}  // namespace flow

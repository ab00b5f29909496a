// How to train: the `train` part of a configuration (flow-config(5)).
#pragma once
#include <cstdint>
#include <string>

#include "config/config.h"
#include "core/params.h"

namespace flow {

struct OptimiserSpec {
  enum class Kind { adam, adamax, rmsprop } kind = Kind::adam;
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = 0;
  double clip = 5;  // bound on the gradient's norm; 0: none
};

struct ScheduleSpec {
  enum class Kind { cosine, step, constant } kind = Kind::cosine;
  double rate = 5e-4;
  std::size_t warm_up = 100;    // steps of linear rise
  std::size_t step_every = 50;  // epochs between falls, and
  double step_factor = 0.5;     // by how much: of kind step
};

struct TrainSpec {
  std::size_t epochs = 100, batch = 512;
  std::size_t shards = 0;    // gradients of that many parts of a batch are summed in a fixed tree
  double average = 0.999;    // decay of the averaged weights; 0: none
  std::size_t patience = 0;  // epochs without a better validation; 0: never stop early
  std::uint64_t seed = 0;
  std::size_t window = 0;  // rows that are held in memory at a time and shuffled; 0: all
  OptimiserSpec optimiser;
  ScheduleSpec schedule;
};

TrainSpec read_train_spec(Config& train);

// What the config leaves open: a batch no larger than the data, and the number of shards. Results
// depend on the shards and not on the threads that share them.
void settle(TrainSpec& spec, std::size_t rows, std::size_t parameters, bool couples_rows);

// The learning rate of a step, counted from 0.
double rate_at(const ScheduleSpec& s, std::size_t step, std::size_t steps,
               std::size_t steps_per_epoch);

}  // namespace flow

// What training over many ranks would take, before there are any: --plan. A step is the gradient of
// the shards that fall to a rank, the sum of all shards over the ranks, and the update, which each
// rank makes of all parameters. How long a shard and an update take is measured here; what moves
// between ranks is counted, and takes a latency for each message and its bytes by the bandwidth
// (the latency-bandwidth model of Thakur, Rabenseifner, Gropp: Optimization of collective
// communication operations in MPICH, 2005). flow-scale(7) has the model and where it ends.
#pragma once
#include <algorithm>
#include <string>

#include "flow/flow.h"
#include "train/batches.h"
#include "train/comm.h"

namespace flow {

struct ScaleSpec {
  std::size_t ranks = 1, threads = 1;  // threads of each rank
  std::uint64_t rows = 0;              // to train on
  double latency = 2e-6;               // seconds, of a message
  double bandwidth = 1e10;             // bytes a second, into a rank and out of it at the same time
  double read = 1e9;                   // bytes a second that a rank reads of its rows
  double shard = 0, update = 0;  // seconds: a shard on one thread, an update; 0: to be measured
};

// "ranks=256,rows=1e10,latency=2e-6": the fields by their names. Error(Exit::usage).
ScaleSpec parse_scale(const std::string& text, const ScaleSpec& usual);

// Sets latency and bandwidth to those between the first two ranks, where there are several. By all.
void measure_exchange(Comm& comm, ScaleSpec& scale);

// Sets the seconds that are 0. sample: rows like those to be trained on. spec is settled.
void measure_step(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
                  const Dataset& sample, std::size_t threads, ScaleSpec& scale);

struct ScalePlan {
  double compute = 0, sum = 0, update = 0, read = 0;  // seconds of a step; read: beside the others
  double steps = 0, efficiency = 0;                   // of an epoch; of as many ranks alone
  double step() const { return std::max(compute + sum + update, read); }
};
// row_bytes: of a row in its file.
ScalePlan plan_scale(const ScaleSpec& scale, const TrainSpec& spec, std::size_t parameters,
                     std::size_t row_bytes);

std::string describe(const ScaleSpec& scale, const TrainSpec& spec, const ScalePlan& plan,
                     std::size_t row_bytes);

}  // namespace flow

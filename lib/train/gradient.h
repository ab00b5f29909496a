// The gradient of a batch: each of a fixed number of shards of its rows sums its own, and the
// shards are summed in a fixed binary tree, so the result depends neither on threads nor on their
// order, nor on the ranks that share the shards.
#pragma once
#include <vector>

#include "core/aligned.h"
#include "flow/flow.h"
#include "train/batches.h"
#include "train/shard_sum.h"
#include "train/spec.h"

namespace flow {

// Rows that a thread takes through the flow at once in training: all of a shard, where layers
// couple rows.
std::size_t training_block(const Flow& flow, const TrainSpec& spec);

class BatchGradient {
 public:
  BatchGradient(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
                std::size_t threads, Comm& comm = alone());

  struct Result {
    double sum = 0, weight = 0;  // over the rows: of weight times log p, and of the weights
    double mean() const { return sum / weight; }
  };
  // Adds the gradient of the mean of -w log p over the rows of a batch, w their weights, at theta,
  // to what gradient() holds. So a batch of heavy rows pulls more than one of light rows. step keys
  // the dropout noise. All ranks call it with the same arguments, and, where there are several,
  // with zeros in gradient(); all get the same result.
  Result add(CVec theta, const Batch& batch, std::uint32_t epoch, std::uint32_t step);
  Result add(CVec theta, const Dataset& data, std::span<const std::uint64_t> rows,
             std::uint32_t epoch, std::uint32_t step) {
    share_out(data, rows, spec_.shards, batch_);
    return add(theta, batch_, epoch, step);
  }
  Vec gradient() const { return shards_.front(); }
  double seconds_of_ranks() const { return sum_.seconds(); }  // spent waiting for others, so far

 private:
  void add_shard(std::size_t shard, std::size_t thread, CVec theta, const Batch& batch,
                 std::uint32_t epoch, std::uint32_t step);

  const Flow& flow_;
  const TrainSpec& spec_;
  ShardSum sum_;
  std::size_t threads_, block_;
  Aligned<real> derived_;
  std::vector<Aligned<real>> shards_;  // a gradient each, of this rank
  struct Memory {
    Aligned<real> kept, scratch, x, dx, row;
    std::vector<double> logp, dlogp;
  };
  std::vector<Memory> memory_;  // one a thread
  Batch batch_;
  std::vector<double> sums_;  // two a shard: of weight times log p, and of the weights
};

}  // namespace flow

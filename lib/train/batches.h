// The rows of each step of training: shuffled anew in each epoch, by the seed alone.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "train/dataset.h"
#include "train/spec.h"

namespace flow {

// The rows of a step, as its shards share them.
struct Batch {
  struct Shard {
    std::size_t first = 0;  // of its rows among those of the batch
    std::span<const std::uint64_t> rows = {};
  };
  const Dataset* data = nullptr;
  std::size_t rows = 0;  // of all shards
  std::vector<Shard> shards;
};

// Sets a batch to these rows, in so many shards of nearly equal size.
void share_out(const Dataset& data, std::span<const std::uint64_t> rows, std::size_t shards,
               Batch& batch);

class Batches {
 public:
  virtual ~Batches() = default;
  virtual std::uint64_t rows() const = 0;  // to train on
  virtual std::size_t steps() const = 0;   // of an epoch
  // Rows to start from and to compare with: all, or a sample of them.
  virtual const Dataset& sample() const = 0;
  // Of a step, from 0, of an epoch, from 1. At least one row; of other ranks' shards the rows may
  // be missing, and are counted. Valid until the next call.
  virtual const Batch& take(std::uint32_t epoch, std::size_t step) = 0;
};

// Of rows in memory: a permutation of all an epoch.
class HeldBatches : public Batches {
 public:
  // spec is settled.
  HeldBatches(const Dataset& data, const TrainSpec& spec);
  std::uint64_t rows() const override { return data_.rows(); }
  std::size_t steps() const override { return steps_; }
  const Dataset& sample() const override { return data_; }
  const Batch& take(std::uint32_t epoch, std::size_t step) override;

 private:
  const Dataset& data_;
  std::size_t steps_, shards_;
  std::uint64_t seed_;
  std::uint32_t epoch_ = 0;           // of the
  std::vector<std::uint64_t> order_;  // that is here
  Batch batch_;
};

}  // namespace flow

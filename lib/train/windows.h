// The rows of each step where they are streamed. They stand in their file in blocks of neighbours.
// An epoch takes the blocks in random order; so many that they are a window are held in memory at a
// time. The blocks of a window are dealt out to the shards of a batch, and the rows of each shard
// are shuffled: so a rank reads the blocks of its own shards alone. While a window is trained on, a
// thread of its own reads the next one. All is decided by the seed and the epoch, the window and
// the shards, and nothing by threads and ranks.
#pragma once
#include <atomic>
#include <memory>

#include "core/ahead.h"
#include "train/batches.h"
#include "train/comm.h"
#include "train/stream.h"

namespace flow {

// What becomes of the blocks of an epoch.
struct WindowPlan {
  struct Window {
    std::size_t first_block = 0, end_block = 0;  // in `order`
    std::size_t first_step = 0, steps = 0;
    std::vector<std::uint64_t> rows = {};  // of each shard
  };
  std::uint32_t epoch = 0;
  std::vector<std::uint64_t> order;  // the blocks that have rows
  std::vector<Window> windows;       // those that have steps

  // counts: rows of each block.
  WindowPlan(std::span<const std::uint32_t> counts, std::size_t blocks_of_window, std::size_t steps,
             const TrainSpec& spec, std::uint32_t epoch);
};

class StreamedBatches : public Batches {
 public:
  // The arguments outlive it; spec is settled. Error(Exit::usage) for what cannot be streamed.
  StreamedBatches(StreamedRows& rows, const Model& model, const TrainSpec& spec,
                  const Dataset& sample, const Comm& comm = alone());
  ~StreamedBatches() override;
  std::uint64_t rows() const override { return rows_.count(); }
  std::size_t steps() const override { return steps_; }
  const Dataset& sample() const override { return sample_; }
  const Batch& take(std::uint32_t epoch, std::size_t step) override;

 private:
  using Plan = std::shared_ptr<const WindowPlan>;
  struct Held {
    Plan plan;
    std::size_t window;
    Dataset data;
    std::vector<std::vector<std::uint64_t>> order;  // of the rows of each shard; empty: another's
  };
  Plan plan_of(std::uint32_t epoch) const;
  Held read(const Plan& plan, std::size_t window);
  void hold(const Plan& plan, std::size_t window);

  StreamedRows& rows_;
  const Model& model_;
  const TrainSpec& spec_;
  const Dataset& sample_;
  std::size_t first_, last_;  // shards of this rank
  std::size_t steps_;
  std::atomic<bool> leaving_ = false;
  std::optional<Held> held_;
  std::future<Held> next_;
  Batch batch_;
};

}  // namespace flow

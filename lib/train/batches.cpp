#include "train/batches.h"

#include "core/random.h"
#include "train/comm.h"

namespace flow {

void share_out(const Dataset& data, std::span<const std::uint64_t> rows, std::size_t shards,
               Batch& batch) {
  batch.data = &data, batch.rows = rows.size();
  batch.shards.resize(shards);
  for (std::size_t v = 0; v < shards; ++v) {
    const std::size_t first = boundary(rows.size(), v, shards);
    batch.shards[v] = {first, rows.subspan(first, boundary(rows.size(), v + 1, shards) - first)};
  }
}

HeldBatches::HeldBatches(const Dataset& data, const TrainSpec& spec)
    : data_(data),
      steps_((data.rows() + spec.batch - 1) / spec.batch),
      shards_(spec.shards),
      seed_(spec.seed) {}

const Batch& HeldBatches::take(std::uint32_t epoch, std::size_t step) {
  if (epoch_ != epoch) order_ = Random(seed_, Stream::shuffle, epoch).permutation(data_.rows());
  epoch_ = epoch;
  // Batches of nearly equal size, so that the last one's gradient is no noisier.
  const std::size_t first = boundary(order_.size(), step, steps_),
                    end = boundary(order_.size(), step + 1, steps_);
  share_out(data_, std::span(order_).subspan(first, end - first), shards_, batch_);
  return batch_;
}

}  // namespace flow

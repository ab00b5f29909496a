#include "train/gradient.h"

#include "core/parallel.h"
#include "flow/evaluate.h"

namespace flow {

std::size_t training_block(const Flow& flow, const TrainSpec& spec) {
  const std::size_t shard = round_up((spec.batch + spec.shards - 1) / spec.shards, lanes);
  return flow.couples_rows() ? shard : std::min(shard, rows_of_block(flow));
}

BatchGradient::BatchGradient(const Flow& flow, const ParamTable& table, const TrainSpec& spec,
                             std::size_t threads, Comm& comm)
    : flow_(flow),
      spec_(spec),
      sum_(spec.shards, table.size(), threads, comm),
      threads_(std::min(threads, sum_.last() - sum_.first())),
      block_(training_block(flow, spec)),
      derived_(table.derived_size(), Pages::large),
      sums_(2 * spec.shards) {
  for (std::size_t v = sum_.first(); v < sum_.last(); ++v) {
    shards_.emplace_back(table.size(), Pages::large);
    std::fill_n(shards_.back().data(), table.size(), real(0));
  }
  const FrameSize size = flow.training_size(block_);
  for (std::size_t t = 0; t < threads_; ++t)
    memory_.push_back({Aligned<real>(size.kept), Aligned<real>(size.scratch),
                       Aligned<real>(block_ * flow.width()), Aligned<real>(block_ * flow.columns()),
                       Aligned<real>(flow.width()), std::vector<double>(block_),
                       std::vector<double>(block_)});
}

BatchGradient::Result BatchGradient::add(CVec theta, const Batch& batch, std::uint32_t epoch,
                                         std::uint32_t step) {
  flow_.prepare(theta, derived_, true, threads_);
  for_each_block(shards_.size(), threads_, [&](std::size_t i, std::size_t thread) {
    add_shard(sum_.first() + i, thread, theta, batch, epoch, step);
  });
  sum_.sum(shards_, sums_);
  Result r;
  for (std::size_t v = 0; v < spec_.shards; ++v)
    r.sum += sums_[2 * v], r.weight += sums_[2 * v + 1];
  return r;
}

void BatchGradient::add_shard(std::size_t shard, std::size_t thread, CVec theta, const Batch& batch,
                              std::uint32_t epoch, std::uint32_t step) {
  const auto [start, rows] = batch.shards[shard];
  const Dataset& data = *batch.data;
  Memory& m = memory_[thread];
  double total = 0, weight = 0;
  for (std::size_t first = 0; first < rows.size(); first += block_) {
    const std::size_t n = std::min(block_, rows.size() - first), padded = round_up(n, lanes);
    const Mat all{m.x.data(), padded, flow_.width(), padded};
    const Mat x = all.columns(0, flow_.columns()), dx{m.dx.data(), padded, x.cols, padded};
    data.gather(rows.subspan(first, n), epoch, all, m.row);
    // Padding repeats a valid row, with weight 0.
    for (std::size_t i = 0; i < padded; ++i)
      m.dlogp[i] = i < n ? -data.weight(rows[first + i]) / static_cast<double>(batch.rows) : 0;
    const Frame frame = Frame(padded, theta.data(), derived_.data(),
                              shards_[shard - sum_.first()].data(), m.kept, m.scratch)
                            .with_context(all.columns(x.cols, flow_.context()));
    flow_.gradient(x, dx, {m.logp.data(), padded}, {m.dlogp.data(), padded},
                   frame.for_training(n, {spec_.seed, start + first, step}));
    for (std::size_t i = 0; i < n; ++i) {
      const double w = data.weight(rows[first + i]);
      total += w * m.logp[i], weight += w;
    }
  }
  sums_[2 * shard] = total, sums_[2 * shard + 1] = weight;
}

}  // namespace flow

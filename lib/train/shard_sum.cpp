#include "train/shard_sum.h"

#include <algorithm>
#include <chrono>

#include "core/parallel.h"
#include "kernels/kernels.h"

namespace flow {

ShardSum::ShardSum(std::size_t shards, std::size_t parameters, std::size_t threads, Comm& comm)
    : shards_(shards),
      parameters_(parameters),
      threads_(threads),
      comm_(comm),
      owner_(shards),
      local_(shards),
      slices_(shards) {
  for (std::size_t q = 0; q < comm.size(); ++q)
    std::fill(owner_.begin() + static_cast<std::ptrdiff_t>(begin(q)),
              owner_.begin() + static_cast<std::ptrdiff_t>(begin(q + 1)), q);
  const std::size_t mine = slice(comm.rank() + 1) - slice(comm.rank());
  for (std::size_t v = 0; v < shards; ++v) {
    const std::size_t step = v & (~v + 1);  // at which v is added to v - step
    if (v > 0 && own_node(v - step, step)) continue;
    open_.push_back(v);
    theirs_.emplace_back(owner_[v] == comm.rank() ? 0 : mine);
    slices_[v] = theirs_.back().data();
  }
}

std::size_t ShardSum::slice(std::size_t rank) const {
  return std::min(parameters_, round_up(boundary(parameters_, rank, comm_.size()), lanes));
}

// Whether all shards below the node v, v + step are of one rank.
bool ShardSum::own_node(std::size_t v, std::size_t step) const {
  return owner_[v] == owner_[std::min(v + 2 * step, shards_) - 1];
}

// Adds up `count` parameters for the nodes that are wanted; at: arrays by shard.
template <class Wanted>
void ShardSum::add_nodes(std::size_t count, const std::vector<real*>& at, Wanted wanted) {
  constexpr std::size_t piece = 16384;
  for_each_block((count + piece - 1) / piece, threads_, [&](std::size_t k, std::size_t) {
    const std::size_t first = k * piece, n = std::min(piece, count - first);
    for (std::size_t step = 1; step < shards_; step *= 2)
      for (std::size_t v = 0; v + step < shards_; v += 2 * step)
        if (wanted(v, step)) kernels().move_to(n, at[v + step] + first, at[v] + first);
  });
}

void ShardSum::sum(std::span<Aligned<real>> own, std::span<double> totals) {
  for (std::size_t i = 0; i < own.size(); ++i) local_[first() + i] = own[i].data();
  const std::size_t rank = comm_.rank();
  add_nodes(parameters_, local_, [&](std::size_t v, std::size_t step) {
    return owner_[v] == rank && own_node(v, step);
  });
  if (comm_.size() == 1) return;
  collect(own);
  const std::size_t from = slice(rank), mine = slice(rank + 1) - from;
  add_nodes(mine, slices_, [&](std::size_t v, std::size_t step) { return !own_node(v, step); });
  const real* const total = slices_[0];
  real* const result = own.front().data();
  if (total != result + from) std::copy_n(total, mine, result + from);
  for (std::size_t i = 1; i < own.size(); ++i) std::fill_n(own[i].data(), parameters_, real(0));
  Gathering g;
  add_gathering(
      comm_, std::span(result, parameters_), [&](std::size_t q) { return slice(q); }, g);
  add_gathering(
      comm_, totals, [&](std::size_t q) { return begin(q) * (totals.size() / shards_); }, g);
  exchange(g);
}

// This rank's slice of all open shards.
void ShardSum::collect(std::span<Aligned<real>> own) {
  const std::size_t rank = comm_.rank();
  Gathering g;
  for (std::size_t k = 0; k < open_.size(); ++k) {
    const std::size_t v = open_[k];
    if (owner_[v] != rank) {
      g.in.push_back({owner_[v], std::as_writable_bytes(std::span<real>(theirs_[k]))});
      continue;
    }
    real* const array = own[v - first()].data();
    slices_[v] = array + slice(rank);
    for (std::size_t q = 0; q < comm_.size(); ++q)
      if (q != rank)
        g.out.push_back(
            {q, std::as_writable_bytes(std::span(array + slice(q), slice(q + 1) - slice(q)))});
  }
  exchange(g);
}

void ShardSum::exchange(const Gathering& messages) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point began = Clock::now();
  comm_.exchange(messages.out, messages.in);
  seconds_ += std::chrono::duration<double>(Clock::now() - began).count();
}

}  // namespace flow

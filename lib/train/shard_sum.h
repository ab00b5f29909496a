// The sum over the shards of a batch, in a fixed binary tree over their numbers: at steps 1, 2, 4,
// ... shard v + step is added to shard v, for each v that is a multiple of 2 step. Ranks hold runs
// of shards. A rank adds first what lies under nodes that are wholly its own; of what is left each
// rank collects one slice of all parameters, and adds it in the same tree; then all collect the
// sums. For powers of two this moves 2 (P - 1) / P of the parameters to and from each rank, as an
// all-reduce does (Thakur, Rabenseifner, Gropp: Optimization of collective communication operations
// in MPICH, 2005), but no bit depends on the number of ranks.
#pragma once
#include <vector>

#include "core/aligned.h"
#include "train/comm.h"

namespace flow {

class ShardSum {
 public:
  ShardSum(std::size_t shards, std::size_t parameters, std::size_t threads, Comm& comm);

  // Of this rank: its shards are first() .. last() - 1, at least one.
  std::size_t first() const { return begin(comm_.rank()); }
  std::size_t last() const { return begin(comm_.rank() + 1); }

  // own: this rank's arrays. The sum over all ranks comes to stand in the first of them, zeros in
  // the others. totals: so many numbers a shard, of one shard behind those of another; each rank
  // has set its own, then all have all.
  void sum(std::span<Aligned<real>> own, std::span<double> totals);

  // Of all ranks' arrays, those that are left when each has added up what is its own alone.
  std::size_t open() const { return open_.size(); }
  double seconds() const { return seconds_; }  // spent waiting for other ranks, so far

 private:
  std::size_t begin(std::size_t rank) const { return boundary(shards_, rank, comm_.size()); }
  std::size_t slice(std::size_t rank) const;  // where a rank's part of the parameters begins
  bool own_node(std::size_t v, std::size_t step) const;
  template <class Wanted>
  void add_nodes(std::size_t count, const std::vector<real*>& at, Wanted wanted);
  void collect(std::span<Aligned<real>> own);
  void exchange(const Gathering& messages);

  std::size_t shards_, parameters_, threads_;
  Comm& comm_;
  std::vector<std::size_t> owner_;     // of each shard
  std::vector<std::size_t> open_;      // shards that are left when all ranks have added theirs
  std::vector<Aligned<real>> theirs_;  // a slice of each of the others' open ones
  std::vector<real*> local_, slices_;  // by shard: own arrays; what is open of this slice
  double seconds_ = 0;
};

}  // namespace flow

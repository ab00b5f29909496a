// Random numbers without state: each is a function of (seed, stream, row, index), so row i of a
// sample is the same whatever the threads, the block size or the number of processes.
// Philox 4x32-10: Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3 (2011).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/view.h"

namespace flow {

// One purpose, one stream. Streams of the same seed are independent.
enum class Stream : std::uint32_t {
  initial,
  permutation,
  split,
  shuffle,
  dequantise,
  dropout,
  sample,
  test,
  window
};

class Random {
 public:
  // sub tells apart the users of one stream: the epoch, the step, the layer.
  Random(std::uint64_t seed, Stream stream, std::uint32_t sub = 0)
      : seed_(seed), stream_(stream), sub_(sub) {}

  std::uint64_t bits(std::uint64_t row, std::uint32_t index) const;
  // In [0, 1), on a grid of 2^-53.
  double uniform(std::uint64_t row, std::uint32_t index) const;

  // 32 random bits each: those of quads `quad`, `quad` + 1, ... of this row.
  void words(std::uint64_t row, std::uint32_t quad, std::span<std::uint32_t> out) const;
  // 16 random bits each, eight of a quad: cheap noise for many numbers.
  void halves(std::uint64_t row, std::uint32_t quad, std::span<std::uint16_t> out) const;
  // out[i] = the i-th number of this row; [0, 1) on a grid of 2^-32.
  void uniform(std::uint64_t row, std::span<double> out) const;
  // Standard normal numbers, by Box and Muller's transform of pairs of uniform ones.
  void normal(std::uint64_t row, std::span<double> out) const;

  // The numbers 0 .. n-1 in random order (Fisher and Yates).
  std::vector<std::uint64_t> permutation(std::uint64_t n) const;

 private:
  std::uint64_t seed_;
  Stream stream_;
  std::uint32_t sub_;
};

}  // namespace flow

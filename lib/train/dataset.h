// Rows held in memory, as training and validation read them.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/view.h"

namespace flow {

class Dataset {
 public:
  // values: rows x (columns + context), row by row. dequantise: integers, to which each epoch adds
  // fresh noise in [0, 1) keyed by (seed, epoch, row). steps: in (0, step) of each column instead.
  // weights: one a row, above 0, in whose proportion rows count; none: all count the same.
  // keys: of each row, for its noise; none: its number.
  Dataset(std::vector<real> values, std::size_t columns, bool dequantise, std::uint64_t seed,
          std::vector<real> steps = {}, std::size_t context = 0, std::vector<double> weights = {},
          std::vector<std::uint64_t> keys = {})
      : values_(std::move(values)),
        columns_(columns),
        width_(columns + context),
        dequantise_(dequantise || !steps.empty()),
        seed_(seed),
        steps_(std::move(steps)),
        weights_(std::move(weights)),
        keys_(std::move(keys)) {}

  std::size_t rows() const { return width_ ? values_.size() / width_ : 0; }
  std::size_t width() const { return width_; }  // numbers in a row, its context included
  std::span<const double> weights() const { return weights_; }
  double weight(std::uint64_t index) const { return weights_.empty() ? 1 : weights_[index]; }
  // The row as the flow sees it in this epoch; evaluation is epoch 0, training starts with 1.
  void row(std::uint64_t index, std::uint32_t epoch, real* out) const;
  // Row i of x becomes row order[i]; the last is repeated to fill the block. scratch: a row.
  void gather(std::span<const std::uint64_t> order, std::uint32_t epoch, Mat x, Vec scratch) const;

 private:
  std::vector<real> values_;
  std::size_t columns_, width_;
  bool dequantise_;
  std::uint64_t seed_;
  std::vector<real> steps_;
  std::vector<double> weights_;
  std::vector<std::uint64_t> keys_;
};

}  // namespace flow

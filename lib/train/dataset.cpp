#include "train/dataset.h"

#include "data/dequantise.h"

namespace flow {

void Dataset::row(std::uint64_t index, std::uint32_t epoch, real* out) const {
  std::copy_n(values_.data() + index * width_, width_, out);
  if (dequantise_)
    dequantise(std::span<real>(out, columns_), columns_, keys_.empty() ? index : keys_[index],
               seed_, epoch, std::span<const real>(steps_));
}

void Dataset::gather(std::span<const std::uint64_t> order, std::uint32_t epoch, Mat x,
                     Vec scratch) const {
  for (std::size_t i = 0; i < x.rows; ++i) {
    if (i < order.size()) row(order[i], epoch, scratch.data());
    for (std::size_t j = 0; j < width_; ++j) x(i, j) = scratch[j];
  }
}

}  // namespace flow

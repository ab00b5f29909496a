#include "nn/activation.h"

#include <iterator>

namespace flow {

void dropout_mask(double probability, std::uint32_t layer, Mat mask, const Keys& keys) {
  const auto limit = static_cast<std::uint32_t>(probability * 65536);
  const real scale = static_cast<real>(65536.0 / (65536 - limit));
  const Random random(keys.seed, Stream::dropout, keys.step);
  std::uint16_t bits[128];
  for (std::size_t i = 0; i < mask.rows; ++i)
    for (std::size_t first = 0; first < mask.cols; first += std::size(bits)) {
      const std::size_t n = std::min(std::size(bits), mask.cols - first);
      // The layer and the group of units share the row's index space.
      const auto quad = layer * 4096u + static_cast<std::uint32_t>(first / 8);
      random.halves(keys.first_row + i, quad, {bits, n});
      for (std::size_t j = 0; j < n; ++j) mask(i, first + j) = bits[j] < limit ? 0 : scale;
    }
}

}  // namespace flow

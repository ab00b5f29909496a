#include "nn/activation.h"

#include <vector>

namespace flow {

void dropout_mask(double probability, std::uint32_t layer, Mat mask, const Keys& keys) {
  // 16 random bits a unit: two units of each word, eight of each call of the generator.
  const auto limit = static_cast<std::uint32_t>(probability * 65536);
  const real scale = static_cast<real>(65536.0 / (65536 - limit));
  const Random random(keys.seed, Stream::dropout, keys.step);
  std::uint32_t words[64];
  for (std::size_t i = 0; i < mask.rows; ++i)
    for (std::size_t first = 0; first < mask.cols; first += 128) {
      const std::size_t n = std::min<std::size_t>(128, mask.cols - first);
      // The layer and the group of units share the row's index space.
      random.words(keys.first_row + i, layer * 4096u + static_cast<std::uint32_t>(first / 8),
                   {words, (n + 1) / 2});
      for (std::size_t j = 0; j < n; ++j) {
        const std::uint32_t bits = j % 2 ? words[j / 2] >> 16 : words[j / 2] & 0xffff;
        mask(i, first + j) = bits < limit ? 0 : scale;
      }
    }
}

}  // namespace flow

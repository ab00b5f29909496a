#include "data/split.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "core/random.h"

namespace flow {

Split split_rows(std::uint64_t n, double fraction, std::uint64_t seed) {
  assert(fraction >= 0 && fraction < 1);
  std::uint64_t count = static_cast<std::uint64_t>(std::llround(fraction * static_cast<double>(n)));
  if (n < 2 || fraction == 0) {
    count = 0;
  } else {
    count = std::clamp<std::uint64_t>(count, 1, n - 1);
  }
  std::vector<std::uint64_t> order = Random(seed, Stream::split).permutation(n);
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(count);
  Split split{{middle, order.end()}, {order.begin(), middle}};
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.validation.begin(), split.validation.end());
  return split;
}

}  // namespace flow

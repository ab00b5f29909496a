// How well rows come back from their latents.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "core/view.h"

namespace flow {

// The worst |x - back| / max(1, |x|), and where.
struct RoundTrip {
  double worst = 0;
  std::uint64_t row = 0;
  std::vector<double> periods = {};  // of the leading columns, 0: none: x and x + period are one

  // rows of `width` numbers, the first being row number `first`.
  void add(std::span<const real> x, std::span<const real> back, std::size_t width,
           std::uint64_t first) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (std::isnan(x[i]) && std::isnan(back[i])) continue;  // a missing cell
      const double v = static_cast<double>(x[i]), off = v - static_cast<double>(back[i]);
      const double e = std::abs(along(off, i % width)) / std::max(1.0, std::abs(v));
      if (!(e <= worst)) worst = e, row = first + i / width;
    }
  }

 private:
  double along(double difference, std::size_t j) const {
    return j < periods.size() && periods[j] > 0 ? std::remainder(difference, periods[j])
                                                : difference;
  }
};

}  // namespace flow

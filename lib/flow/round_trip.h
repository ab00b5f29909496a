// How well rows come back from their latents.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "core/view.h"

namespace flow {

// The worst |x - back| / max(1, |x|), and where.
struct RoundTrip {
  double worst = 0;
  std::uint64_t row = 0;

  // rows of `width` numbers, the first being row number `first`.
  void add(std::span<const real> x, std::span<const real> back, std::size_t width,
           std::uint64_t first) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (std::isnan(x[i]) && std::isnan(back[i])) continue;  // a missing cell
      const double v = static_cast<double>(x[i]);
      const double e = std::abs(v - static_cast<double>(back[i])) / std::max(1.0, std::abs(v));
      if (!(e <= worst)) worst = e, row = first + i / width;
    }
  }
};

}  // namespace flow

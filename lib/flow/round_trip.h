// How well rows come back from their latents.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/rows.h"
#include "core/view.h"

namespace flow {

// The worst |x - back| / max(1, |x|), and where.
struct RoundTrip {
  double worst = 0;
  std::uint64_t row = 0;
  std::vector<double> periods = {};  // of the leading columns, 0: none: x and x + period are one

  // Of one number in column j; 0 for a missing cell, infinite where it is not a number any more.
  double error(real x, real back, std::size_t j) const {
    if (std::isnan(x) && std::isnan(back)) return 0;
    const double v = static_cast<double>(x), off = v - static_cast<double>(back);
    const bool circle = j < periods.size() && periods[j] > 0;
    const double e = std::abs(circle ? std::remainder(off, periods[j]) : off);
    return std::isnan(e) ? std::numeric_limits<double>::infinity() : e / std::max(1.0, std::abs(v));
  }

  // rows of `width` numbers; at: their numbers.
  void add(std::span<const real> x, std::span<const real> back, std::size_t width, RowNumbers at) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double e = error(x[i], back[i], i % width);
      if (!(e <= worst)) worst = e, row = at[i / width];
    }
  }
};

}  // namespace flow

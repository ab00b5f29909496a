// Between two latent rows: along the great circle through them (Shoemake, 1985),
//   z(t) = (sin((1 - t) w) a + sin(t w) b) / sin w,   w the angle between a and b.
// In many dimensions the draws of a base such as N(0, I) lie near a sphere, and its middle, which a
// straight line comes near, holds none of them; so does what decodes from there.
#pragma once
#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "core/view.h"

namespace flow {

// t from 0, which gives a, to 1, which gives b. Along the straight line where a and b point the
// same way, or opposite ways, or are 0.
inline void interpolate(CVec a, CVec b, double t, Vec out) {
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t j = 0; j < a.size(); ++j) {
    const double x = static_cast<double>(a[j]), y = static_cast<double>(b[j]);
    aa += x * x, bb += y * y, ab += x * y;
  }
  const double angle = std::acos(std::clamp(ab / std::sqrt(aa * bb), -1.0, 1.0));
  const bool circle = std::sin(angle) > 1e-6;  // not of NaN, where one is 0
  const double of_a = circle ? std::sin((1 - t) * angle) / std::sin(angle) : 1 - t,
               of_b = circle ? std::sin(t * angle) / std::sin(angle) : t;
  for (std::size_t j = 0; j < a.size(); ++j)
    out[j] = static_cast<real>(of_a * static_cast<double>(a[j]) + of_b * static_cast<double>(b[j]));
}

// Lines of `steps` rows, from row 2k of ends to row 2k + 1. Rows are of `width` numbers, of which
// what stands behind `columns` is context, and changes along a straight line.
inline std::vector<real> interpolate_lines(CVec ends, std::size_t columns, std::size_t width,
                                           std::size_t steps) {
  std::vector<real> rows(ends.size() / 2 * steps);
  for (std::size_t i = 0; i < rows.size() / width; ++i) {
    const double t = static_cast<double>(i % steps) / static_cast<double>(steps - 1);
    const CVec a = ends.subspan(i / steps * 2 * width, width),
               b = ends.subspan((i / steps * 2 + 1) * width, width);
    const Vec row = Vec(rows).subspan(i * width, width);
    interpolate(a.first(columns), b.first(columns), t, row.first(columns));
    for (std::size_t j = columns; j < width; ++j)
      row[j] = a[j] + static_cast<real>(t) * (b[j] - a[j]);
  }
  return rows;
}

}  // namespace flow

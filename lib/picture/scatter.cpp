#include "picture/scatter.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <iterator>

#include "picture/plot.h"

namespace flow {

namespace {

std::vector<double> column(std::span<const double> rows, std::size_t columns, std::size_t j) {
  std::vector<double> values(rows.size() / columns);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = rows[i * columns + j];
  return values;
}

// The pixel or bin of a value; `count` for one outside of the range, or NaN.
std::size_t bin(double value, Range range, std::size_t count) {
  const double at = (value - range.lo) / (range.hi - range.lo) * static_cast<double>(count);
  return at >= 0 && at < static_cast<double>(count) ? static_cast<std::size_t>(at) : count;
}

// Counts the hits of each pixel, every point being a small plus while points are few, and darkens
// by the share of light that n layers of ink let through.
void draw_points(Picture& picture, const Field& f, const std::vector<double>& x,
                 const std::vector<double>& y) {
  std::vector<unsigned> hits(f.width * f.height);
  const bool few = x.size() * 40 < f.width * f.height;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t px = bin(x[i], f.x, f.width), py = bin(y[i], f.y, f.height);
    if (px == f.width || py == f.height) continue;
    const std::size_t at = (f.height - 1 - py) * f.width + px;
    ++hits[at];
    if (!few) continue;
    if (px > 0) ++hits[at - 1];
    if (px + 1 < f.width) ++hits[at + 1];
    if (py > 0) ++hits[at + f.width];
    if (py + 1 < f.height) ++hits[at - f.width];
  }
  // A pixel as full as the densest parts is nearly black; one point is at least a mid grey.
  std::vector<unsigned> filled;
  std::copy_if(hits.begin(), hits.end(), std::back_inserter(filled),
               [](unsigned h) { return h > 0; });
  if (filled.empty()) return;
  const auto high = filled.begin() + static_cast<std::ptrdiff_t>(filled.size() * 95 / 100);
  std::nth_element(filled.begin(), high, filled.end());
  const double ink = 3.0 / *high;
  for (std::size_t at = 0; at < hits.size(); ++at) {
    if (hits[at] == 0) continue;
    const double dark = 0.3 + 0.7 * (1 - std::exp(-ink * hits[at]));
    std::fill_n(picture.at(f.left + at % f.width, f.top + at / f.width), picture.channels,
                static_cast<std::uint8_t>(std::lround(255 * (1 - dark))));
  }
}

void draw_histogram(Picture& picture, const Field& f, const std::vector<double>& values) {
  const std::size_t bins = f.width / 4;
  std::vector<std::size_t> counts(bins + 1);
  for (const double v : values) ++counts[bin(v, f.x, bins)];
  counts.pop_back();
  const std::size_t most =
      std::max<std::size_t>(1, *std::max_element(counts.begin(), counts.end()));
  for (std::size_t b = 0; b < bins; ++b) {
    const std::size_t height = counts[b] * (f.height - 4) / most;
    for (std::size_t y = f.height - height; y < f.height; ++y) {
      for (std::size_t x = b * f.width / bins; x + 1 < (b + 1) * f.width / bins; ++x) {
        std::fill_n(picture.at(f.left + x, f.top + y), picture.channels, std::uint8_t{96});
      }
    }
  }
}

std::string name_of(const std::vector<std::string>& names, std::size_t j, std::size_t room) {
  return (j < names.size() ? names[j] : std::to_string(j + 1)).substr(0, room);
}

}  // namespace

Picture scatter(std::span<const double> rows, const std::vector<std::string>& names) {
  assert(rows.size() % 2 == 0);
  constexpr std::size_t side = 480, scale = 2, left = 76, top = 34, below = 52, right = 24;
  Picture picture(left + side + right, top + side + below, 1, 255);
  const std::vector<double> x = column(rows, 2, 0), y = column(rows, 2, 1);
  Field f{left, top, side, side, plot_range(x), plot_range(y)};
  // Equal units: the shorter range is widened about its middle.
  const double half = std::max(f.x.hi - f.x.lo, f.y.hi - f.y.lo) / 2;
  for (Range* r : {&f.x, &f.y}) {
    const double middle = (r->lo + r->hi) / 2;
    *r = {middle - half, middle + half};
  }
  draw_points(picture, f, x, y);
  draw_frame(picture, f, {true, true}, scale);
  if (names.size() == 2) {
    const std::string across = name_of(names, 0, 38), up = name_of(names, 1, 38);
    draw_text(picture,
              static_cast<long>(left + (side - std::min(side, text_width(across, scale))) / 2),
              static_cast<long>(top + side + 30), across, scale);
    draw_text(picture, static_cast<long>(left), 10, up, scale);
  }
  return picture;
}

Picture pair_plot(std::span<const double> rows, std::size_t columns,
                  const std::vector<std::string>& names) {
  assert(columns > 0 && rows.size() % columns == 0);
  const std::size_t k = std::min<std::size_t>(columns, 8);
  constexpr std::size_t side = 132, gap = 24, left = 60, top = 22, below = 26;
  Picture picture(left + k * (side + gap), top + k * (side + gap) + below - gap, 1, 255);
  std::vector<std::vector<double>> values;
  std::vector<Range> ranges;
  for (std::size_t j = 0; j < k; ++j) {
    values.push_back(column(rows, columns, j));
    ranges.push_back(plot_range(values.back()));
  }
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const Field f{left + j * (side + gap),         top + i * (side + gap), side, side, ranges[j],
                    i == j ? Range{0, 0} : ranges[i]};
      if (i == j) {
        draw_histogram(picture, f, values[j]);
        draw_text(picture, static_cast<long>(f.left), static_cast<long>(f.top) - 12,
                  name_of(names, j, 22), 1);
      } else {
        draw_points(picture, f, values[j], values[i]);
      }
      draw_frame(picture, f, {i + 1 == k, j == 0 && i != j}, 1);
    }
  }
  return picture;
}

}  // namespace flow

#include "picture/grid.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace flow {

namespace {

constexpr std::size_t visible = 40, gap = 2, band_gap = 10;
constexpr std::uint8_t gap_grey = 128;

std::uint8_t level(double value, double lo, double hi) {
  const double part = (value - lo) / (hi - lo);
  return part > 0 ? static_cast<std::uint8_t>(std::lround(255 * std::min(part, 1.0))) : 0;
}

std::size_t divided_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }

std::size_t root_up(std::size_t n) {
  return static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(n))));
}

void put_image(Picture& picture, std::size_t left, std::size_t top, const double* image,
               const ImageShape& shape, std::size_t factor, double lo, double hi) {
  const std::size_t c = shape.channels;
  for (std::size_t y = 0; y < shape.height * factor; ++y) {
    for (std::size_t x = 0; x < shape.width * factor; ++x) {
      const double* from = image + ((y / factor) * shape.width + x / factor) * c;
      for (std::size_t k = 0; k < c; ++k) picture.at(left + x, top + y)[k] = level(from[k], lo, hi);
    }
  }
}

}  // namespace

Picture image_grid(std::span<const double> images, const ImageShape& shape, double lo, double hi,
                   GridLayout layout) {
  const std::size_t numbers = shape.height * shape.width * shape.channels;
  assert((shape.channels == 1 || shape.channels == 3) && numbers > 0 && lo < hi);
  const std::size_t count = images.size() / numbers / layout.bands;  // of a band
  assert(count > 0 && images.size() == count * layout.bands * numbers);
  std::size_t across = layout.across;
  if (across == 0) {
    across = root_up(count * layout.bands);
    across = divided_up(count, divided_up(count, across));  // no line is much shorter than others
  }
  const std::size_t side = std::min(shape.height, shape.width);
  const std::size_t factor = divided_up(visible, side);
  const std::size_t step_x = shape.width * factor + gap, step_y = shape.height * factor + gap;
  const std::size_t band = divided_up(count, across) * step_y + band_gap;
  Picture picture(across * step_x + gap, layout.bands * band - band_gap + gap, shape.channels,
                  gap_grey);
  for (std::size_t i = 0; i < count * layout.bands; ++i) {
    const std::size_t k = i % count;
    put_image(picture, gap + k % across * step_x, gap + i / count * band + k / across * step_y,
              images.data() + i * numbers, shape, factor, lo, hi);
  }
  return picture;
}

}  // namespace flow

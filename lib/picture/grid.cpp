#include "picture/grid.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace flow {

namespace {

constexpr std::size_t visible = 40, gap = 2;
constexpr std::uint8_t gap_grey = 128;

std::uint8_t level(double value, double lo, double hi) {
  const double part = (value - lo) / (hi - lo);
  return part > 0 ? static_cast<std::uint8_t>(std::lround(255 * std::min(part, 1.0))) : 0;
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

Picture image_grid(std::span<const double> images, const ImageShape& shape, double lo, double hi) {
  const std::size_t numbers = shape.height * shape.width * shape.channels;
  assert((shape.channels == 1 || shape.channels == 3) && numbers > 0 && lo < hi);
  assert(!images.empty() && images.size() % numbers == 0);
  const std::size_t count = images.size() / numbers;
  const std::size_t across =
      static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(count))));
  const std::size_t down = (count + across - 1) / across;
  const std::size_t side = std::min(shape.height, shape.width);
  const std::size_t factor = (visible + side - 1) / side;
  const std::size_t step_x = shape.width * factor + gap, step_y = shape.height * factor + gap;
  Picture picture(across * step_x + gap, down * step_y + gap, shape.channels, gap_grey);
  for (std::size_t i = 0; i < count; ++i) {
    put_image(picture, gap + i % across * step_x, gap + i / across * step_y,
              images.data() + i * numbers, shape, factor, lo, hi);
  }
  return picture;
}

}  // namespace flow

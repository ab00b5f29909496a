// Rows that are images, side by side in one picture.
#pragma once
#include <span>

#include "png/png.h"

namespace flow {

struct ImageShape {
  std::size_t height, width, channels;  // channels 1 or 3, innermost
};

struct GridLayout {
  std::size_t bands = 1;   // of equally many images, each begun on a new line and a little apart
  std::size_t across = 0;  // images on a line; 0: so many that the whole is about square
};

// As many images as `images` holds, line by line, each enlarged by the whole factor that makes it
// 40 to 80 pixels wide and high, or by 1. Values in [lo, hi] become black to white; those beyond
// are clipped, NaN is black.
Picture image_grid(std::span<const double> images, const ImageShape& shape, double lo, double hi,
                   GridLayout layout = {});

}  // namespace flow

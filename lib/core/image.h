// The size of images. In a block each number of an image is a column (core/view.h), in one of two
// orders: PIXELS, the channels of a pixel side by side and the pixels row by row, which
// convolutions read; or PLANES, the pixels of a channel side by side, so that channels are split,
// normalised and mixed as the columns of a table are, of which each pixel is a row.
#pragma once
#include <cstdint>
#include <vector>

#include "core/view.h"

namespace flow {

struct ImageSize {
  std::size_t height, width;
  std::size_t pixels() const { return height * width; }
  bool operator==(const ImageSize&) const = default;
};

// For each column of one order its place in another.
using Places = std::vector<std::uint32_t>;

// Planes of n channels as a table whose rows are the pixels of the block's rows; x.ld == x.rows.
template <class T>
View<T> by_channel(View<T> planes, std::size_t channels) {
  assert(planes.ld == planes.rows && planes.cols % channels == 0);
  const std::size_t rows = planes.rows * (planes.cols / channels);
  return {planes.data, rows, channels, rows};
}

}  // namespace flow

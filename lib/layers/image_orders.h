// The orders of columns that flows of images go through (core/image.h).
#pragma once
#include "core/image.h"

namespace flow {

// Where the number at `column` of planes stands in pixel order of images of `channels` channels.
std::uint32_t place_in_pixels(std::size_t column, ImageSize size, std::size_t channels);

// Pixels, as files hold images, to planes.
Places planes_of_pixels(ImageSize size, std::size_t channels);

// Planes to planes of half the height and width and four times the channels: each 2 x 2 square of a
// channel becomes four channels side by side. Height and width are even. Dinh, Sohl-Dickstein,
// Bengio: Real NVP (2017), section 3.6.
Places squeezed(ImageSize size, std::size_t channels);

// Planes in the order of a checkerboard: all numbers at pixels (i, j) with i + j even, then those
// where it is odd; or the odd ones first. Real NVP, section 3.4.
Places checkerboard(ImageSize size, std::size_t channels, bool odd_first);

// How many pixels have i + j even.
inline std::size_t even_pixels(ImageSize size) { return (size.pixels() + 1) / 2; }

}  // namespace flow

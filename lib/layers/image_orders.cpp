#include "layers/image_orders.h"

namespace flow {

namespace {

std::uint32_t place(std::size_t p) { return static_cast<std::uint32_t>(p); }

}  // namespace

std::uint32_t place_in_pixels(std::size_t column, ImageSize size, std::size_t channels) {
  return place(column % size.pixels() * channels + column / size.pixels());
}

Places planes_of_pixels(ImageSize size, std::size_t channels) {
  Places places;
  for (std::size_t j = 0; j < size.pixels() * channels; ++j)
    places.push_back(place_in_pixels(j, size, channels));
  return places;
}

Places squeezed(ImageSize size, std::size_t channels) {
  Places places;
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t corner = 0; corner < 4; ++corner)
      for (std::size_t i = corner / 2; i < size.height; i += 2)
        for (std::size_t j = corner % 2; j < size.width; j += 2)
          places.push_back(place((c * size.height + i) * size.width + j));
  return places;
}

Places checkerboard(ImageSize size, std::size_t channels, bool odd_first) {
  Places places;
  for (const std::size_t parity : {odd_first ? 1 : 0, odd_first ? 0 : 1})
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t i = 0; i < size.height; ++i)
        for (std::size_t j = (i + parity) % 2; j < size.width; j += 2)
          places.push_back(place((c * size.height + i) * size.width + j));
  return places;
}

}  // namespace flow

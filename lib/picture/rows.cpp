#include "picture/rows.h"

#include <algorithm>

#include "core/error.h"
#include "picture/scatter.h"

namespace flow {

namespace {

ImageShape image_shape(const DataSpec& data) {
  const std::vector<std::size_t>& dims = data.shape.dims;
  return {dims[0], dims[1], dims.size() > 2 ? dims[2] : 1};
}

Picture draw_grid(const DataSpec& data, std::span<const double> rows, GridLayout layout) {
  // Of dequantised data the brightest integer is one below the end of the range.
  const bool declared = data.levels.declared();
  const double lo = declared ? 0 : data.low, hi = declared
                                                      ? static_cast<double>(data.levels.stored - 1)
                                                      : data.high - (data.dequantise ? 1 : 0);
  return image_grid(rows, image_shape(data), lo, hi > lo ? hi : lo + 1, layout);
}

}  // namespace

bool are_images(const DataSpec& data) { return data.shape.dims.size() >= 2; }

void check_drawable(const DataSpec& data, const std::string& option) {
  require(data.shape.columns >= 2, Exit::usage,
          option + ": a model of one column has no picture; leave it out");
  if (!are_images(data)) return;
  const std::size_t channels = image_shape(data).channels;
  require(channels == 1 || channels == 3, Exit::usage,
          option + ": images of " + std::to_string(channels) +
              " channels have no picture; 1 is drawn in grey, 3 in colour");
}

Picture draw(const DataSpec& data, std::span<const double> rows, GridLayout layout) {
  if (are_images(data)) return draw_grid(data, rows, layout);
  return data.shape.columns == 2 ? scatter(rows, data.shape.names)
                                 : pair_plot(rows, data.shape.columns, data.shape.names);
}

Picture draw_pairs(const DataSpec& data, std::span<const double> first,
                   std::span<const double> second) {
  const std::size_t d = data.shape.columns, n = first.size() / d,
                    across = std::min<std::size_t>(n, 20), bands = n / across;
  std::vector<double> rows;
  for (std::size_t i = 0; i < bands; ++i)
    for (const auto& from : {first, second}) {
      const auto line = from.subspan(i * across * d, across * d);
      rows.insert(rows.end(), line.begin(), line.end());
    }
  return draw(data, rows, {.bands = bands, .across = across});
}

}  // namespace flow

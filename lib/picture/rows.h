// Rows of a model as a picture of what its data are.
#pragma once
#include <span>
#include <string>

#include "model/model.h"
#include "picture/grid.h"

namespace flow {

// A picture needs no more rows than it can show.
constexpr std::size_t drawn_images = 1024, drawn_pairs = 200, drawn_rows = 200'000;

bool are_images(const DataSpec& data);
// Error(Exit::usage), for `option`, where rows have no picture: of one column, or images of other
// than 1 or 3 channels.
void check_drawable(const DataSpec& data, const std::string& option);

// Images in a grid, black and white being the ends of the range of the training rows or of declared
// levels; two columns as points, more as pairs.
Picture draw(const DataSpec& data, std::span<const double> rows, GridLayout layout = {});
// Lines of up to 20 images, those of the second rows below those of the first; only whole lines of
// more than 20.
Picture draw_pairs(const DataSpec& data, std::span<const double> first,
                   std::span<const double> second);

}  // namespace flow

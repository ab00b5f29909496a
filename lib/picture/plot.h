// The parts of a plot in black on white: text, frames with ticks, and how ticks are chosen.
#pragma once
#include <string_view>
#include <vector>

#include "png/png.h"

namespace flow {

// Letters are 5 x 7 pixels in cells of 6 x 9, times the scale.
std::size_t text_width(std::string_view text, std::size_t scale);
// Digits, letters (small ones; capitals are drawn as such), space and - . + _ ( ) , : | / ^ = ! ~;
// a box for the rest. What lies outside of the picture is left out.
void draw_text(Picture& picture, long left, long top, std::string_view text, std::size_t scale);

struct Range {
  double lo, hi;
};

// What holds all but the outermost of the values, with a margin: outliers (beyond 0.1 % on either
// side) do not make the rest small. NaN and infinities do not count.
Range plot_range(std::vector<double> values);

// Round numbers (1, 2 or 5 times a power of ten) in the range, at most `count` + 1; none in an
// empty range, such as the upward one of a histogram.
std::vector<double> ticks(Range range, std::size_t count);

// A field of pixels in which a range is drawn; y runs upwards.
struct Field {
  std::size_t left, top, width, height;
  Range x, y;
};

// The frame around a field. Numbers stand below and on the left where asked for.
struct Labels {
  bool below, left;
};
void draw_frame(Picture& picture, const Field& field, Labels labels, std::size_t scale);

}  // namespace flow

// A curve in the terminal: bars of Unicode block elements, eight steps a line, or of ASCII.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "picture/plot.h"

namespace flow {

struct CurveSize {
  std::size_t width = 60, height = 4;  // letters, beside the labels
};

// What shows a curve well: at most twice as far below the lower quartile as the greatest value lies
// above it.
Range curve_range(std::vector<double> values);

// Lines of text, the greatest and the least value in front of the first and the last; more values
// than fit are averaged. What lies far below the rest, as the first epochs of a training do, is
// drawn as the least, so that the rest can be seen; NaN and infinities are gaps. Empty for no
// values.
std::string draw_curve(std::span<const double> values, bool ascii, CurveSize size = {});

// Whether letters beyond ASCII would come out wrong: TERM=dumb, or a locale that is not UTF-8.
bool wants_ascii();

}  // namespace flow

// Rows as points: two columns against each other, or every pair of up to eight.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "png/png.h"

namespace flow {

// rows: two numbers each. A square of about 560 pixels with equal units on both axes; a pixel is
// the darker the more points hit it, and a single point can always be seen. Points outside of the
// range that holds all but the outermost are left out. names: two, or none.
Picture scatter(std::span<const double> rows, const std::vector<std::string>& names);

// rows: columns numbers each. The first eight columns (at most): below the diagonal column j
// (across) against column i (upwards), on it the histograms of the columns. names: one a column, or
// none.
Picture pair_plot(std::span<const double> rows, std::size_t columns,
                  const std::vector<std::string>& names);

}  // namespace flow

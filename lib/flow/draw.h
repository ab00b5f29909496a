// Rows drawn from a base, each by its number.
#pragma once
#include <vector>

#include "core/random.h"
#include "core/view.h"

namespace flow {

// draw(row, numbers) fills the z.cols numbers of one row; rows behind `valid` repeat the last.
template <class Draw>
void draw_rows(Mat z, std::size_t valid, std::uint64_t first_row, Draw draw) {
  std::vector<double> row(z.cols);
  for (std::size_t i = 0; i < z.rows; ++i) {
    if (i < valid) draw(first_row + i, row);
    for (std::size_t j = 0; j < z.cols; ++j) z(i, j) = static_cast<real>(row[j]);
  }
}

// A number in (0, 1): the middle of the cell of 2^-32 that u starts.
inline double inside(double u) { return u + 0x1p-33; }

}  // namespace flow

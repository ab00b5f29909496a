// Cells that a row does not have: NaN, from the file to the base density.
#pragma once
#include <cmath>

#include "core/view.h"

namespace flow {

// Whether column j of rows, row by row, has any that is there.
inline bool has_numbers(CVec rows, std::size_t columns, std::size_t j) {
  for (std::size_t k = j; k < rows.size(); k += columns)
    if (!std::isnan(rows[k])) return true;
  return false;
}

// What the nets see of them: mask[j] = 1 where row[j] is there, 0 where it is missing.
inline void mark_observed(CVec row, real* mask) {
  for (const real v : row) *mask++ = std::isnan(v) ? real(0) : real(1);
}

// A copy with 0 in the place of missing cells.
inline void copy_observed(CMat from, Mat to) {
  copy(from, to);
  for (std::size_t j = 0; j < to.cols; ++j)
    for (std::size_t i = 0; i < to.rows; ++i)
      if (std::isnan(to(i, j))) to(i, j) = 0;
}

// Sets m to 0 where a cell is missing.
inline void clear_missing(CMat cells, Mat m) {
  for (std::size_t j = 0; j < m.cols; ++j)
    for (std::size_t i = 0; i < m.rows; ++i)
      if (std::isnan(cells(i, j))) m(i, j) = 0;
}

}  // namespace flow

// Rows with missing cells. Let O be the columns that a row has and m its mask, 1 in O and 0 else.
// The density is that of its observed cells given the mask,
//   log p(x_O | m) = log p_base(z_O) + sum_(j in O) log |dz_j/dx_j|,
//   z_j = map(x_j; h_j),  h_j = net(x_k m_k for the k that layer sees, c, m),
// with layers whose Jacobian is triangular in some order of the columns: what is left of it when
// the rows and columns of missing cells are struck out is triangular too, so its determinant is the
// product of the slopes in O. Nets see 0 in the place of a missing cell, so what stood there has no
// influence, and the mask as context, so a 0 that is there is another thing. For each m this is a
// normalised density of |O| numbers: it follows from changing variables among them alone. The
// densities of two masks share parameters, but neither is a marginal of the other.
//
// A missing cell is NaN: it goes through every layer as NaN, adds nothing to the log-det, and what
// a map is handed as its gradient counts as 0.
#pragma once
#include "core/frame.h"
#include "core/missing.h"
#include "kernels/kernels.h"
#include "layers/layer.h"

namespace flow {

// Calls f(first, n, logdet) for pieces of the rows of a column, and then takes back what it did to
// the column and to the log-det (which may be empty) in rows whose cell is missing.
template <class F>
void for_observed(Mat column, LogDet logdet, F f) {
  constexpr std::size_t piece = 8 * lanes;
  for (std::size_t first = 0; first < column.rows; first += piece) {
    const std::size_t n = std::min(piece, column.rows - first);
    const LogDet part = logdet.empty() ? logdet : logdet.subspan(first, n);
    real cells[piece];
    double before[piece];
    std::copy_n(column.col(0) + first, n, cells);
    std::copy(part.begin(), part.end(), before);
    f(first, n, part);
    for (std::size_t i = 0; i < n; ++i) {
      if (!std::isnan(cells[i])) continue;
      column(first + i, 0) = cells[i];
      if (!part.empty()) part[i] = before[i];
    }
  }
}

// x as a net sees it, and as it is kept for backward.
inline void keep_cells(const MapSpec& spec, CMat x, Mat kept) {
  spec.marginal ? copy_observed(x, kept) : copy(x, kept);
}
// z becomes x again.
inline void restore_cells(const MapSpec& spec, CMat kept, Mat z) {
  if (!spec.marginal) return copy(kept, z);
  for (std::size_t j = 0; j < z.cols; ++j)
    for (std::size_t i = 0; i < z.rows; ++i)
      if (!std::isnan(z(i, j))) z(i, j) = kept(i, j);
}

// A Map on whole columns, as couplings and autoregressive layers use it: where cells may be missing
// (spec.marginal) column by column, as above; else the map itself. Scratch: map_scratch.
void map_forward(const Map& map, const MapSpec& spec, Mat x, CMat h, const real* shared,
                 LogDet logdet, Frame f);
void map_inverse(const Map& map, const MapSpec& spec, Mat z, CMat h, const real* shared,
                 LogDet logdet, Frame f);
std::size_t map_scratch(const Map& map, const MapSpec& spec, std::size_t rows);
// z: NaN in missing cells; x: what the nets saw, 0 there.
void map_backward(const Map& map, const MapSpec& spec, CMat z, CMat x, Mat dz, Mat h,
                  const real* shared, real* dshared, CLogDet dlogdet);

}  // namespace flow

#include "layers/observed.h"

namespace flow {

namespace {

// The parameters of n rows of column j.
template <class T>
View<T> params_of(const Map& map, const MapSpec& spec, View<T> h, std::size_t columns,
                  std::size_t j, std::size_t first, std::size_t n) {
  return {h.col(j) + first, n, map.params(spec), columns * h.ld};
}

const real* from(const real* shared, std::size_t j) { return shared ? shared + j : nullptr; }

// One direction of a map, over the cells of x that are there.
void map_observed(decltype(Map::forward) direction, const Map& map, const MapSpec& spec, Mat x,
                  CMat h, const real* shared, LogDet logdet) {
  for (std::size_t j = 0; j < x.cols; ++j)
    for_observed(x.columns(j, 1), logdet, [&](std::size_t first, std::size_t n, LogDet part) {
      direction(spec, x.columns(j, 1).from_row(first, n),
                params_of(map, spec, h, x.cols, j, first, n), from(shared, j), part.data());
    });
}

// A single row: its columns are taken for the rows of one column, or vectors would do its work once
// for each lane of padding. The same operations in the same order, so the same bits.
void map_one_row(decltype(Map::forward) direction, const Map& map, const MapSpec& spec, Mat x,
                 CMat h, LogDet logdet, Frame f) {
  const std::size_t params = map.params(spec);
  real* const memory = f.scratch(1 + params).data;
  const Mat column{memory, lanes, 1, lanes}, own{memory + lanes, lanes, params, lanes};
  double sum = 0;
  for (std::size_t first = 0; first < x.cols; first += lanes) {
    const std::size_t n = std::min(lanes, x.cols - first);
    if (n < lanes) fill(column, 0), fill(own, 0);
    for (std::size_t j = 0; j < n; ++j) {
      column(j, 0) = x(0, first + j);
      for (std::size_t q = 0; q < params; ++q) own(j, q) = h(0, q * x.cols + first + j);
    }
    double each[lanes] = {};
    direction(spec, column, own, nullptr, logdet.empty() ? nullptr : each);
    for (std::size_t j = 0; j < n; ++j) x(0, first + j) = column(j, 0), sum += each[j];
  }
  if (!logdet.empty()) logdet[0] += sum;
}

void map_columns(decltype(Map::forward) direction, const Map& map, const MapSpec& spec, Mat x,
                 CMat h, const real* shared, LogDet logdet, Frame f) {
  if (spec.marginal) return map_observed(direction, map, spec, x, h, shared, logdet);
  if (f.one_row() && x.cols > 1 && !shared)
    return map_one_row(direction, map, spec, x, h, logdet, f);
  direction(spec, x, h, shared, logdet.data());
}

}  // namespace

std::size_t map_scratch(const Map& map, const MapSpec& spec, std::size_t rows) {
  return rows * (1 + map.params(spec));
}

void map_forward(const Map& map, const MapSpec& spec, Mat x, CMat h, const real* shared,
                 LogDet logdet, Frame f) {
  map_columns(map.forward, map, spec, x, h, shared, logdet, f);
}

void map_inverse(const Map& map, const MapSpec& spec, Mat z, CMat h, const real* shared,
                 LogDet logdet, Frame f) {
  map_columns(map.inverse, map, spec, z, h, shared, logdet, f);
}

void map_backward(const Map& map, const MapSpec& spec, CMat z, CMat x, Mat dz, Mat h,
                  const real* shared, real* dshared, CLogDet dlogdet) {
  if (!spec.marginal) return map.backward(spec, x, dz, h, shared, dshared, dlogdet.data());
  clear_missing(z, dz);
  constexpr std::size_t piece = 8 * lanes;
  double d[piece];
  for (std::size_t j = 0; j < z.cols; ++j)
    for (std::size_t first = 0; first < z.rows; first += piece) {
      const std::size_t n = std::min(piece, z.rows - first);
      for (std::size_t i = 0; i < n; ++i)
        d[i] = std::isnan(z(first + i, j)) ? 0 : dlogdet[first + i];
      map.backward(spec, x.columns(j, 1).from_row(first, n), dz.columns(j, 1).from_row(first, n),
                   params_of(map, spec, h, z.cols, j, first, n), from(shared, j),
                   dshared ? dshared + j : nullptr, d);
    }
}

}  // namespace flow

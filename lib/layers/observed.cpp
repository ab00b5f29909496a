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

}  // namespace

void map_forward(const Map& map, const MapSpec& spec, Mat x, CMat h, const real* shared,
                 LogDet logdet) {
  if (!spec.marginal) return map.forward(spec, x, h, shared, logdet.data());
  map_observed(map.forward, map, spec, x, h, shared, logdet);
}

void map_inverse(const Map& map, const MapSpec& spec, Mat z, CMat h, const real* shared,
                 LogDet logdet) {
  if (!spec.marginal) return map.inverse(spec, z, h, shared, logdet.data());
  map_observed(map.inverse, map, spec, z, h, shared, logdet);
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

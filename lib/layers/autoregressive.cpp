#include "layers/autoregressive.h"

namespace flow {

Autoregressive::Autoregressive(const std::string& name, std::size_t columns, const Map& map,
                               MapSpec spec, const NetSpec& net, ParamTable& table)
    : columns_(columns),
      map_(map),
      spec_(spec),
      net_(name + "/net", columns, map.params(spec), net, table) {
  assert(spec.gain != Gain::learned);  // its shared factors belong to couplings
}

void Autoregressive::prepare(const real* theta, real* derived, bool gradient) const {
  net_.prepare(theta, derived, gradient);
}

void Autoregressive::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat kept_x = f.keep(columns_), h = f.keep(net_.outputs());
  copy(x, kept_x);
  net_.forward(kept_x, h, f);
  map_.forward(spec_, x, h, nullptr, logdet.data());
}

void Autoregressive::inverse(Mat z, LogDet logdet, Frame f) const {
  f.keep(columns_);
  const Mat h = f.keep(net_.outputs());
  for (std::size_t j = 0; j < columns_; ++j) {
    net_.column(j, z, h, f);
    // The parameters of column j stand columns_ apart.
    const CMat own{h.col(j), z.rows, map_.params(spec_), columns_ * h.ld};
    map_.inverse(spec_, z.columns(j, 1), own, nullptr, logdet.data());
  }
}

void Autoregressive::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const Mat x = f.keep(columns_), h = f.keep(net_.outputs());
  map_.backward(spec_, x, dz, h, nullptr, nullptr, dlogdet.data());
  net_.backward(x, dz, h, f);
  copy(x, z);
}

FrameSize Autoregressive::frame_size(std::size_t rows) const {
  const FrameSize net = net_.frame_size(rows);
  return {.kept = net.kept + rows * (columns_ + net_.outputs()), .scratch = net.scratch};
}

}  // namespace flow

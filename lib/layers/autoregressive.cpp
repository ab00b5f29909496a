#include "layers/autoregressive.h"

#include "layers/observed.h"

namespace flow {

Autoregressive::Autoregressive(const std::string& name, std::size_t columns, std::size_t context,
                               const Map& map, MapSpec spec, const NetSpec& net, ParamTable& table)
    : columns_(columns),
      context_(context),
      map_(map),
      spec_(spec),
      net_(name + "/net", context, columns, map.params(spec), net, table) {
  assert(spec.gain != Gain::learned);  // its shared factors belong to couplings
}

void Autoregressive::prepare(const real* theta, real* derived, bool gradient) const {
  net_.prepare(theta, derived, gradient);
}

void Autoregressive::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat in = f.keep(inputs()), h = f.keep(net_.outputs());
  copy(f.context(), in.columns(0, context_));
  keep_cells(spec_, x, in.columns(context_, columns_));
  net_.forward(in, h, f);
  map_forward(map_, spec_, x, h, nullptr, logdet, f);
}

void Autoregressive::inverse(Mat z, LogDet logdet, Frame f) const {
  const Mat in = f.keep(inputs()), h = f.keep(net_.outputs());
  copy(f.context(), in.columns(0, context_));
  for (std::size_t j = 0; j < columns_; ++j) {
    net_.column(j, in, h, f);
    // The parameters of column j stand columns_ apart.
    const CMat own{h.col(j), z.rows, map_.params(spec_), columns_ * h.ld};
    map_inverse(map_, spec_, z.columns(j, 1), own, nullptr, logdet, f);
    keep_cells(spec_, z.columns(j, 1), in.columns(context_ + j, 1));
  }
}

void Autoregressive::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const Mat in = f.keep(inputs()), h = f.keep(net_.outputs()), d = f.scratch(inputs());
  map_backward(map_, spec_, z, in.columns(context_, columns_), dz, h, nullptr, nullptr, dlogdet);
  fill(d.columns(0, context_), 0);
  copy(dz, d.columns(context_, columns_));
  net_.backward(in, d, h, f);
  copy(d.columns(context_, columns_), dz);
  if (f.context_gradient().cols > 0) add(d.columns(0, context_), f.context_gradient());
  restore_cells(spec_, in.columns(context_, columns_), z);
}

FrameSize Autoregressive::frame_size(std::size_t rows) const {
  const FrameSize net = net_.frame_size(rows);
  return {.kept = net.kept + rows * (inputs() + net_.outputs()),
          .scratch = std::max(net.scratch + rows * inputs(), map_scratch(map_, spec_, rows))};
}

}  // namespace flow

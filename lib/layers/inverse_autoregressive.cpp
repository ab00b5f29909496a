#include "layers/inverse_autoregressive.h"

namespace flow {

namespace {

constexpr std::size_t reals_per_double = sizeof(double) / sizeof(real);

}  // namespace

InverseAutoregressive::InverseAutoregressive(const std::string& name, std::size_t columns,
                                             std::size_t context, const Map& map, MapSpec spec,
                                             const NetSpec& net, ParamTable& table)
    : columns_(columns),
      context_(context),
      map_(map),
      spec_(spec),
      net_(name + "/net", context, columns, map.params(spec), net, table) {
  assert(spec.gain != Gain::learned);
}

void InverseAutoregressive::prepare(const real* theta, real* derived, bool gradient) const {
  net_.prepare(theta, derived, gradient);
}

Mat InverseAutoregressive::own(Mat h, std::size_t j) const {
  return {h.col(j), h.rows, map_.params(spec_), columns_ * h.ld};
}

void InverseAutoregressive::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat kept_x = f.keep(columns_), in = f.keep(inputs()), h = f.keep(net_.outputs());
  copy(x, kept_x);
  copy(f.context(), in.columns(0, context_));
  for (std::size_t j = 0; j < columns_; ++j) {
    net_.column(j, in, h, f);
    map_.inverse(spec_, x.columns(j, 1), own(h, j), nullptr, logdet.data());
    copy(x.columns(j, 1), in.columns(context_ + j, 1));
  }
}

void InverseAutoregressive::inverse(Mat z, LogDet logdet, Frame f) const {
  f.keep(columns_);
  const Mat in = f.keep(inputs()), h = f.keep(net_.outputs());
  copy(f.context(), in.columns(0, context_));
  copy(z, in.columns(context_, columns_));
  net_.forward(in, h, f);
  map_.forward(spec_, z, h, nullptr, logdet.data());
}

void InverseAutoregressive::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const Mat x = f.keep(columns_), in = f.keep(inputs()), h = f.keep(net_.outputs());
  const Mat spare = f.scratch(map_.params(spec_)), slope = f.scratch(1), turned = f.scratch(1);
  double* c = reinterpret_cast<double*>(f.scratch(reals_per_double).data);
  double* none = reinterpret_cast<double*>(f.scratch(reals_per_double).data);
  const Mat d = f.scratch(inputs());
  for (std::size_t i = 0; i < z.rows; ++i) c[i] = -dlogdet[i], none[i] = 0;
  fill(d.columns(0, context_), 0), copy(dz, d.columns(context_, columns_));

  for (std::size_t j = columns_; j-- > 0;) {
    const CMat at = z.columns(j, 1);
    const Mat v = dz.columns(j, 1), asked = d.columns(context_ + j, 1);  // asked: dz + n
    copy(own(h, j), spare), fill(slope, 1);
    map_.backward(spec_, at, slope, spare, nullptr, nullptr, none);  // exp(m)
    copy(own(h, j), spare), fill(turned, 0);
    map_.backward(spec_, at, turned, spare, nullptr, nullptr, c);  // c dm/dz
    for (std::size_t i = 0; i < z.rows; ++i) {
      v(i, 0) = (asked(i, 0) + turned(i, 0)) / slope(i, 0);
      turned(i, 0) = -v(i, 0);
    }
    map_.backward(spec_, at, turned, own(h, j), nullptr, nullptr, c);
    net_.column_backward(j, d, h, f);
  }
  if (f.context_gradient().cols > 0) add(d.columns(0, context_), f.context_gradient());
  net_.backward(in, d, h, f);  // for dL/dtheta; what it adds to d is not wanted
  copy(x, z);
}

FrameSize InverseAutoregressive::frame_size(std::size_t rows) const {
  const FrameSize net = net_.frame_size(rows);
  return {
      .kept = net.kept + rows * (columns_ + inputs() + net_.outputs()),
      .scratch = net.scratch + rows * (map_.params(spec_) + 2 + 2 * reals_per_double + inputs())};
}

}  // namespace flow

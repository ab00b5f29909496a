#include "layers/given_angles.h"

#include <numbers>

#include "nn/angle_net.h"

namespace flow {

namespace {

constexpr real half_turn = std::numbers::pi_v<real>;

}  // namespace

// The frame for the layer, whose context is kept in this one.
Frame GivenAngles::given(CMat x, Frame& f) const {
  const Mat all = f.keep(seen());
  angles_to_points(x.columns(x.cols - angles_, angles_), half_turn, all.columns(0, 2 * angles_));
  if (context_ > 0) copy(f.context(), all.columns(2 * angles_, context_));
  return f.with_context(all);
}

void GivenAngles::forward(Mat x, LogDet logdet, Frame f) const {
  const Frame own = given(x, f);
  layer_->forward(x.columns(0, columns_), logdet, own);
}

void GivenAngles::inverse(Mat z, LogDet logdet, Frame f) const {
  const Frame own = given(z, f);
  layer_->inverse(z.columns(0, columns_), logdet, own);
}

void GivenAngles::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const Mat all = f.keep(seen()), d = f.scratch(seen());
  fill(d, 0);
  layer_->backward(z.columns(0, columns_), dz.columns(0, columns_), dlogdet,
                   f.with_context(all).with_context_gradient(d));
  if (f.context_gradient().cols > 0) add(d.columns(2 * angles_, context_), f.context_gradient());
  add_angle_gradient(all.columns(0, 2 * angles_), d.columns(0, 2 * angles_), half_turn,
                     dz.columns(dz.cols - angles_, angles_));
}

FrameSize GivenAngles::frame_size(std::size_t rows) const {
  FrameSize size = layer_->frame_size(rows);
  size.kept += rows * seen(), size.scratch += rows * seen();
  return size;
}

}  // namespace flow

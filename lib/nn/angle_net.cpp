#include "nn/angle_net.h"

#include <cmath>
#include <numbers>

namespace flow {

void AngleNet::forward(CMat x, Mat h, Frame f) const {
  const Mat points = f.keep(2 * inputs_);
  const double turn = std::numbers::pi / static_cast<double>(bound_);
  for (std::size_t j = 0; j < inputs_; ++j)
    for (std::size_t i = 0; i < x.rows; ++i) {
      const double a = turn * static_cast<double>(x(i, j)), angle = std::isfinite(a) ? a : 0;
      points(i, j) = static_cast<real>(std::cos(angle));
      points(i, inputs_ + j) = static_cast<real>(std::sin(angle));
    }
  net_->forward(points, h, f);
}

void AngleNet::backward(CMat, Mat dx, CMat dh, Frame f) const {
  const Mat points = f.keep(2 * inputs_), d = f.scratch(2 * inputs_);
  const real turn = std::numbers::pi_v<real> / bound_;
  fill(d, 0);
  net_->backward(points, d, dh, f);
  for (std::size_t j = 0; j < inputs_; ++j)
    for (std::size_t i = 0; i < dx.rows; ++i)
      dx(i, j) += turn * (points(i, j) * d(i, inputs_ + j) - points(i, inputs_ + j) * d(i, j));
}

FrameSize AngleNet::frame_size(std::size_t rows) const {
  const FrameSize net = net_->frame_size(rows);
  const std::size_t points = 2 * rows * inputs_;
  return {.kept = net.kept + points, .scratch = net.scratch + points};
}

}  // namespace flow

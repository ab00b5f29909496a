#include "nn/angle_net.h"

#include <cmath>
#include <numbers>

namespace flow {

void angles_to_points(CMat x, real bound, Mat points) {
  const double turn = std::numbers::pi / static_cast<double>(bound);
  for (std::size_t j = 0; j < x.cols; ++j)
    for (std::size_t i = 0; i < x.rows; ++i) {
      const double a = turn * static_cast<double>(x(i, j)), angle = std::isfinite(a) ? a : 0;
      points(i, j) = static_cast<real>(std::cos(angle));
      points(i, x.cols + j) = static_cast<real>(std::sin(angle));
    }
}

void add_angle_gradient(CMat points, CMat d, real bound, Mat dx) {
  const std::size_t n = dx.cols;
  const real turn = std::numbers::pi_v<real> / bound;
  for (std::size_t j = 0; j < n; ++j)
    for (std::size_t i = 0; i < dx.rows; ++i)
      dx(i, j) += turn * (points(i, j) * d(i, n + j) - points(i, n + j) * d(i, j));
}

void AngleNet::forward(CMat x, Mat h, Frame f) const {
  const Mat seen = f.keep(points());
  inputs_ > 0 ? angles_to_points(x, bound_, seen) : fill(seen, 1);
  net_->forward(seen, h, f);
}

void AngleNet::backward(CMat, Mat dx, CMat dh, Frame f) const {
  const Mat seen = f.keep(points()), d = f.scratch(points());
  fill(d, 0);
  net_->backward(seen, d, dh, f);
  add_angle_gradient(seen, d, bound_, dx);
}

FrameSize AngleNet::frame_size(std::size_t rows) const {
  const FrameSize net = net_->frame_size(rows);
  return {.kept = net.kept + rows * points(), .scratch = net.scratch + rows * points()};
}

}  // namespace flow

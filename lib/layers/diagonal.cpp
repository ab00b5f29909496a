#include "layers/diagonal.h"

#include <cmath>

#include "kernels/kernels.h"
#include "layers/log_scale.h"

namespace flow {

namespace {

// x_j becomes x_j exp(sign s_j); returns sum_j s_j.
double scale_by(Mat x, CVec s, real sign) {
  const real zero = 0;
  double total = 0;
  for (std::size_t j = 0; j < x.cols; ++j) {
    const real held = held_log_scale(s[j]), a = std::exp(sign * held);
    kernels().scale_shift(x.columns(j, 1), &a, &zero);
    total += static_cast<double>(held);
  }
  return total;
}

}  // namespace

Diagonal::Diagonal(const std::string& name, std::size_t columns, ParamTable& table)
    : log_scale_(table.add(name + "/log_scale", 1, columns, Role::bias, start_at(0))) {}

void Diagonal::forward(Mat x, LogDet logdet, Frame f) const {
  copy(x, f.keep(x.cols));
  add_to_all(scale_by(x, f.theta(log_scale_), 1), logdet);
}

void Diagonal::inverse(Mat z, LogDet logdet, Frame f) const {
  add_to_all(-scale_by(z, f.theta(log_scale_), -1), logdet);
}

void Diagonal::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const Vec ds = f.grad(log_scale_);
  kernels().dot(dz, z, ds.data());
  const real all = static_cast<real>(sum(dlogdet));
  for (real& d : ds) d += all;
  scale_by(dz, f.theta(log_scale_), 1);
  copy(f.keep(z.cols), z);
}

FrameSize Diagonal::frame_size(std::size_t rows) const {
  return {.kept = rows * log_scale_.cols, .scratch = 0};
}

}  // namespace flow

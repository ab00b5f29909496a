#include "layers/actnorm.h"

#include <cmath>

#include "kernels/kernels.h"
#include "layers/log_scale.h"
#include "layers/moments.h"

namespace flow {

ActNorm::ActNorm(const std::string& name, std::size_t columns, ParamTable& table)
    : log_scale_(table.add(name + "/log_scale", 1, columns, Role::bias, start_at(0))),
      shift_(table.add(name + "/shift", 1, columns, Role::bias, start_at(0))),
      scale_(table.reserve(columns)),
      scaled_shift_(table.reserve(columns)) {}

void ActNorm::prepare(const real* theta, real* derived, bool) const {
  for (std::size_t j = 0; j < shift_.cols; ++j) {
    const real a = std::exp(held_log_scale(theta[log_scale_.offset + j]));
    derived[scale_.offset + j] = a;
    derived[scaled_shift_.offset + j] = a * theta[shift_.offset + j];
  }
}

double ActNorm::log_det(Frame f) const {
  double total = 0;
  for (const real s : f.theta(log_scale_)) total += static_cast<double>(held_log_scale(s));
  return total;
}

void ActNorm::forward(Mat x, LogDet logdet, Frame f) const {
  copy(x, f.keep(x.cols));
  kernels().scale_shift(x, f.derived(scale_), f.derived(scaled_shift_));
  add_to_all(log_det(f), logdet);
}

void ActNorm::inverse(Mat z, LogDet logdet, Frame f) const {
  kernels().standardise(z, f.derived(scaled_shift_), f.derived(scale_));
  add_to_all(-log_det(f), logdet);
}

void ActNorm::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const real all = static_cast<real>(sum(dlogdet)), zero = 0;
  kernels().dot(dz, z, f.grad(log_scale_).data());
  for (std::size_t j = 0; j < z.cols; ++j) {
    f.grad(log_scale_)[j] += all;
    kernels().scale_shift(dz.columns(j, 1), f.derived(scale_) + j, &zero);
  }
  kernels().sum(dz, f.grad(shift_).data());
  copy(f.keep(z.cols), z);
}

FrameSize ActNorm::frame_size(std::size_t rows) const {
  return {.kept = rows * shift_.cols, .scratch = 0};
}

void ActNorm::start_from(CMat x, Vec theta) const {
  for (std::size_t j = 0; j < x.cols; ++j) {
    const Moments m = moments(x.col(j), x.rows);
    theta[shift_.offset + j] = static_cast<real>(-m.mean);
    theta[log_scale_.offset + j] = static_cast<real>(-std::log(safe_deviation(m) + 1e-6));
  }
}

}  // namespace flow

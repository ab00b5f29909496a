#include "layers/batch_norm.h"

#include <cmath>

#include "layers/log_scale.h"
#include "layers/moments.h"

namespace flow {

BatchNorm::BatchNorm(const std::string& name, std::size_t columns, double epsilon,
                     ParamTable& table)
    : epsilon_(epsilon),
      log_scale_(table.add(name + "/log_scale", 1, columns, Role::bias, start_at(0))),
      shift_(table.add(name + "/shift", 1, columns, Role::bias, start_at(0))),
      mean_(table.add(name + "/mean", 1, columns, Role::buffer, start_at(0))),
      variance_(table.add(name + "/variance", 1, columns, Role::buffer, start_at(1))) {}

BatchNorm::Statistics BatchNorm::statistics(CMat x, std::size_t j, Frame f) const {
  double mean = static_cast<double>(f.theta(mean_)[j]);
  double variance = static_cast<double>(f.theta(variance_)[j]);
  if (f.training()) {
    const Moments m = moments(x.col(j), f.valid());
    mean = m.mean, variance = m.deviation * m.deviation;
  }
  return {mean, 1 / std::sqrt(variance + epsilon_)};
}

void BatchNorm::forward(Mat x, LogDet logdet, Frame f) const {
  const CVec g = f.theta(log_scale_), b = f.theta(shift_);
  copy(x, f.keep(x.cols));
  double total = 0;
  for (std::size_t j = 0; j < x.cols; ++j) {
    const Statistics s = statistics(x, j, f);
    const double a = s.root * std::exp(static_cast<double>(held_log_scale(g[j])));
    for (std::size_t i = 0; i < x.rows; ++i)
      x(i, j) = static_cast<real>((static_cast<double>(x(i, j)) - s.mean) * a) + b[j];
    total += static_cast<double>(held_log_scale(g[j])) + std::log(s.root);
  }
  add_to_all(total, logdet);
}

void BatchNorm::inverse(Mat z, LogDet logdet, Frame f) const {
  assert(!f.training());
  const CVec g = f.theta(log_scale_), b = f.theta(shift_);
  double total = 0;
  for (std::size_t j = 0; j < z.cols; ++j) {
    const Statistics s = statistics(z, j, f);
    const double a = std::exp(-static_cast<double>(held_log_scale(g[j]))) / s.root;
    for (std::size_t i = 0; i < z.rows; ++i)
      z(i, j) = static_cast<real>(static_cast<double>(z(i, j) - b[j]) * a + s.mean);
    total += static_cast<double>(held_log_scale(g[j])) + std::log(s.root);
  }
  add_to_all(-total, logdet);
}

void BatchNorm::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const CMat x = f.keep(z.cols);
  const double n = static_cast<double>(f.valid()), all = sum(dlogdet);
  for (std::size_t j = 0; j < z.cols; ++j) {
    const Statistics s = statistics(x, j, f);
    const double scale = std::exp(static_cast<double>(held_log_scale(f.theta(log_scale_)[j])));
    const auto normal = [&](std::size_t i) {
      return (static_cast<double>(x(i, j)) - s.mean) * s.root;
    };
    double d_sum = 0, dx_sum = 0;  // of dz, and of dz x'
    for (std::size_t i = 0; i < f.valid(); ++i) {
      const double d = static_cast<double>(dz(i, j));
      d_sum += d, dx_sum += d * normal(i);
    }
    f.grad(shift_)[j] += static_cast<real>(d_sum);
    f.grad(log_scale_)[j] += static_cast<real>(dx_sum * scale + all);
    for (std::size_t i = 0; i < z.rows; ++i) {
      double d = static_cast<double>(dz(i, j)) * scale;
      if (f.training()) d -= (d_sum * scale + normal(i) * (dx_sum * scale + all)) / n;
      // Padding takes no part, and must send nothing on.
      dz(i, j) = i < f.valid() ? static_cast<real>(d * s.root) : 0;
    }
  }
  copy(x, z);
}

FrameSize BatchNorm::frame_size(std::size_t rows) const {
  return {.kept = rows * shift_.cols, .scratch = 0};
}

void BatchNorm::start_from(CMat x, Vec theta) const {
  for (std::size_t j = 0; j < x.cols; ++j) {
    const Moments m = moments(x.col(j), x.rows);
    theta[mean_.offset + j] = static_cast<real>(m.mean);
    theta[variance_.offset + j] = static_cast<real>(m.deviation * m.deviation);
  }
}

}  // namespace flow

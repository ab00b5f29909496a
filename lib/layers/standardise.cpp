#include "layers/standardise.h"

#include <cmath>

#include "kernels/kernels.h"
#include "layers/moments.h"

namespace flow {

namespace {

double log_sum(CVec deviation) {
  double s = 0;
  for (real d : deviation) s += std::log(static_cast<double>(d));
  return s;
}

}  // namespace

Standardise::Standardise(const std::string& name, std::size_t columns, ParamTable& table)
    : Standardise(name, columns, 0, 1, table) {
  fitted_ = true;
}

Standardise::Standardise(const std::string& name, std::size_t columns, double low, double high,
                         ParamTable& table)
    : fitted_(false),
      mean_(table.add(name + "/mean", 1, columns, Role::buffer, start_at(low))),
      deviation_(table.add(name + "/deviation", 1, columns, Role::buffer, start_at(high - low))) {}

void Standardise::forward(Mat x, LogDet logdet, Frame f) const {
  copy(x, f.keep(x.cols));
  kernels().standardise(x, f.theta(mean_).data(), f.theta(deviation_).data());
  add_to_all(-log_sum(f.theta(deviation_)), logdet);
}

void Standardise::inverse(Mat z, LogDet logdet, Frame f) const {
  kernels().scale_shift(z, f.theta(deviation_).data(), f.theta(mean_).data());
  add_to_all(log_sum(f.theta(deviation_)), logdet);
}

void Standardise::backward(Mat z, Mat dz, CLogDet, Frame f) const {
  const CVec deviation = f.theta(deviation_);
  const real zero = 0;
  for (std::size_t j = 0; j < z.cols; ++j) {
    const real scale = 1 / deviation[j];
    kernels().scale_shift(dz.columns(j, 1), &scale, &zero);
  }
  copy(f.keep(z.cols), z);
}

FrameSize Standardise::frame_size(std::size_t rows) const {
  return {.kept = rows * mean_.cols, .scratch = 0};
}

void Standardise::start_from(CMat x, Vec theta) const {
  if (!fitted_) return;
  for (std::size_t j = 0; j < x.cols; ++j) {
    const Moments m = moments(x.col(j), x.rows);
    theta[mean_.offset + j] = static_cast<real>(m.mean);
    theta[deviation_.offset + j] = static_cast<real>(safe_deviation(m));
  }
}

}  // namespace flow

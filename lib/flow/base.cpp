#include "flow/base.h"

#include <cmath>

#include "core/error.h"
#include "flow/draw.h"
#include "kernels/kernels.h"
#include "layers/log_scale.h"
#include "layers/observed.h"

namespace flow {

namespace {

void draw_normal(Mat z, const Random& random, std::uint64_t first_row, double temperature,
                 Frame f) {
  draw_rows(z, f.valid(), first_row, [&](std::uint64_t row, std::vector<double>& out) {
    random.normal(row, out);
    for (double& v : out) v *= temperature;
  });
}

}  // namespace

void Normal::log_density(CMat z, LogDet logp, Frame) const { kernels().normal(z, logp.data()); }

void Normal::backward(CMat z, Mat dz, CLogDet dlogp, Frame) const {
  kernels().normal_backward(z, dz, dlogp.data());
}

void Normal::sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
                    Frame f) const {
  draw_normal(z, random, first_row, temperature, f);
}

void Logistic::log_density(CMat z, LogDet logp, Frame) const { kernels().logistic(z, logp.data()); }

void Logistic::backward(CMat z, Mat dz, CLogDet dlogp, Frame) const {
  kernels().logistic_backward(z, dz, dlogp.data());
}

void Logistic::sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
                      Frame f) const {
  draw_rows(z, f.valid(), first_row, [&](std::uint64_t row, std::vector<double>& out) {
    random.uniform(row, out);
    for (double& v : out) {
      const double u = inside(v);
      v = temperature * (std::log(u) - std::log1p(-u));
    }
  });
}

void Laplace::log_density(CMat z, LogDet logp, Frame) const { kernels().laplace(z, logp.data()); }

void Laplace::backward(CMat z, Mat dz, CLogDet dlogp, Frame) const {
  kernels().laplace_backward(z, dz, dlogp.data());
}

void Laplace::sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
                     Frame f) const {
  draw_rows(z, f.valid(), first_row, [&](std::uint64_t row, std::vector<double>& out) {
    random.uniform(row, out);
    for (double& v : out) {
      const double u = 2 * inside(v);
      v = temperature * (u < 1 ? std::log(u) : -std::log(2 - u));
    }
  });
}

void Box::log_density(CMat z, LogDet logp, Frame) const { kernels().box(z, bound_, logp.data()); }

void Box::backward(CMat, Mat dz, CLogDet, Frame) const { fill(dz, 0); }

void Box::sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
                 Frame f) const {
  require(temperature <= 1, Exit::usage,
          "--temperature: above 1 it leaves the box that is this model's base; give 1 or less");
  draw_rows(z, f.valid(), first_row, [&](std::uint64_t row, std::vector<double>& out) {
    random.uniform(row, out);
    for (double& v : out) v = temperature * static_cast<double>(bound_) * (2 * inside(v) - 1);
  });
}

void ObservedBase::log_density(CMat z, LogDet logp, Frame f) const {
  const Mat column = f.scratch(1);
  for (std::size_t j = 0; j < z.cols; ++j) {
    copy(z.columns(j, 1), column);
    for_observed(column, logp, [&](std::size_t first, std::size_t n, LogDet part) {
      base_->log_density(column.from_row(first, n), part, f);
    });
  }
}

void ObservedBase::backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const {
  base_->backward(z, dz, dlogp, f);
  clear_missing(z, dz);
}

void ObservedBase::sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
                          Frame f) const {
  base_->sample(z, random, first_row, temperature, f);
}

FrameSize ObservedBase::frame_size(std::size_t rows) const { return {.kept = 0, .scratch = rows}; }

DiagonalNormal::DiagonalNormal(const std::string& name, std::size_t columns, ParamTable& table)
    : mean_(table.add(name + "/mean", 1, columns, Role::bias, start_at(0))),
      log_deviation_(table.add(name + "/log_deviation", 1, columns, Role::bias, start_at(0))) {}

Mat DiagonalNormal::standard(CMat z, Frame f) const {
  const Mat u = f.scratch(z.cols);
  copy(z, u);
  for (std::size_t j = 0; j < z.cols; ++j) {
    const real deviation = std::exp(held_log_scale(f.theta(log_deviation_)[j]));
    kernels().standardise(u.columns(j, 1), &f.theta(mean_)[j], &deviation);
  }
  return u;
}

void DiagonalNormal::log_density(CMat z, LogDet logp, Frame f) const {
  kernels().normal(standard(z, f), logp.data());
  double total = 0;
  for (real s : f.theta(log_deviation_)) total += static_cast<double>(held_log_scale(s));
  for (double& l : logp) l -= total;
}

void DiagonalNormal::backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const {
  const Mat u = standard(z, f);
  kernels().normal_backward(u, dz, dlogp.data());  // dL/du = dL/dz exp(s)
  const Vec dm = f.grad(mean_), ds = f.grad(log_deviation_);
  double all = 0;
  for (double d : dlogp) all += d;
  for (std::size_t j = 0; j < z.cols; ++j) {
    real du_u = 0, sum = 0;
    kernels().dot(dz.columns(j, 1), u.columns(j, 1), &du_u);
    ds[j] -= du_u + static_cast<real>(all);
    const real scale = std::exp(-held_log_scale(f.theta(log_deviation_)[j])), zero = 0;
    kernels().scale_shift(dz.columns(j, 1), &scale, &zero);
    kernels().sum(dz.columns(j, 1), &sum);
    dm[j] -= sum;
  }
}

void DiagonalNormal::sample(Mat z, const Random& random, std::uint64_t first_row,
                            double temperature, Frame f) const {
  draw_normal(z, random, first_row, temperature, f);
  for (std::size_t j = 0; j < z.cols; ++j) {
    const real scale = std::exp(held_log_scale(f.theta(log_deviation_)[j])),
               shift = f.theta(mean_)[j];
    kernels().scale_shift(z.columns(j, 1), &scale, &shift);
  }
}

FrameSize DiagonalNormal::frame_size(std::size_t rows) const {
  return {.kept = 0, .scratch = rows * mean_.cols};
}

}  // namespace flow

#include "flow/student_t.h"

#include <cmath>
#include <numbers>

#include "core/gamma.h"
#include "flow/draw.h"
#include "kernels/kernels.h"

namespace flow {

namespace {

struct Degrees {
  double v, slope;  // slope: dv/ds
};

Degrees degrees_of(real s) {
  const double t = std::tanh(static_cast<double>(s) / std::numbers::ln10);
  const double v = 10 * std::exp(std::numbers::ln10 * t);
  return {v, v * (1 - t * t)};
}

}  // namespace

StudentT::StudentT(const std::string& name, std::size_t columns, ParamTable& table)
    : degrees_(table.add(name + "/degrees", 1, columns, Role::bias, start_at(0))) {}

void StudentT::log_density(CMat z, LogDet logp, Frame f) const {
  double constant = 0;
  for (std::size_t j = 0; j < z.cols; ++j) {
    const double v = degrees_of(f.theta(degrees_)[j]).v;
    kernels().student_t(z.columns(j, 1), v, logp.data());
    constant += log_gamma((v + 1) / 2) - log_gamma(v / 2) - std::log(std::numbers::pi * v) / 2;
  }
  for (double& l : logp) l += constant;
}

void StudentT::backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const {
  double all = 0;
  for (double d : dlogp) all += d;
  for (std::size_t j = 0; j < z.cols; ++j) {
    const Degrees d = degrees_of(f.theta(degrees_)[j]);
    double dv = kernels().student_t_backward(z.columns(j, 1), d.v, dz.columns(j, 1), dlogp.data());
    dv += all * (digamma((d.v + 1) / 2) - digamma(d.v / 2) - 1 / d.v) / 2;
    f.grad(degrees_)[j] += static_cast<real>(dv * d.slope);
  }
}

void StudentT::sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
                      Frame f) const {
  std::vector<double> uniform(2 * z.cols);
  draw_rows(z, f.valid(), first_row, [&](std::uint64_t row, std::vector<double>& out) {
    random.uniform(row, uniform);
    for (std::size_t j = 0; j < out.size(); ++j) {
      const double v = degrees_of(f.theta(degrees_)[j]).v, u = inside(uniform[2 * j]);
      const double radius = std::sqrt(v * std::expm1(-2 / v * std::log(u)));
      out[j] = temperature * radius * std::cos(2 * std::numbers::pi * uniform[2 * j + 1]);
    }
  });
}

}  // namespace flow

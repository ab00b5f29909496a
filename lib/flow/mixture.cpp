#include "flow/mixture.h"

#include <cmath>
#include <numbers>

#include "flow/draw.h"
#include "layers/log_scale.h"

namespace flow {

Mixture::Mixture(const std::string& name, std::size_t columns, std::size_t components,
                 ParamTable& table)
    : weights_(table.add(name + "/weights", 1, components, Role::bias, start_at(0))),
      means_(table.add(name + "/means", components, columns, Role::bias, start_normal(1))),
      log_deviations_(
          table.add(name + "/log_deviations", components, columns, Role::bias, start_at(0))) {
  assert(components <= most_components);
}

std::vector<double> Mixture::log_weights(Frame f) const {
  const CVec a = f.theta(weights_);
  const double most = static_cast<double>(*std::max_element(a.begin(), a.end()));
  double sum = 0;
  for (real v : a) sum += std::exp(static_cast<double>(v) - most);
  std::vector<double> w;
  for (real v : a) w.push_back(static_cast<double>(v) - most - std::log(sum));
  return w;
}

GaussianMixture Mixture::gaussians(std::vector<double>& constants, Frame& f) const {
  const CVec s = f.theta(log_deviations_);
  real* precisions = f.scratch(round_up(s.size(), f.rows()) / f.rows()).data;
  constants = log_weights(f);
  const double half_log_2pi = std::log(2 * std::numbers::pi) / 2;
  for (std::size_t k = 0; k < s.size(); ++k) {
    const real held = held_log_scale(s[k]);
    precisions[k] = std::exp(-held);
    constants[k / means_.cols] -= static_cast<double>(held) + half_log_2pi;
  }
  return {components(), constants.data(), f.theta(means_).data(), precisions};
}

void Mixture::log_density(CMat z, LogDet logp, Frame f) const {
  std::vector<double> constants;
  const GaussianMixture g = gaussians(constants, f);
  kernels().mixture(g, z, f.scratch(components()), logp.data());
}

void Mixture::backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const {
  std::vector<double> constants;
  const GaussianMixture g = gaussians(constants, f);
  const Mat responsibilities = f.scratch(components());
  kernels().mixture(g, z, responsibilities, nullptr);
  const Vec da = f.grad(weights_);
  kernels().mixture_backward(g, z, responsibilities, dz, f.grad(means_).data(),
                             f.grad(log_deviations_).data(), da.data(), dlogp.data());
  double all = 0;
  for (double d : dlogp) all += d;
  const std::vector<double> w = log_weights(f);
  for (std::size_t k = 0; k < w.size(); ++k) da[k] -= static_cast<real>(all * std::exp(w[k]));
}

void Mixture::sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
                     Frame f) const {
  const std::vector<double> w = log_weights(f);
  // Behind the words that the normal numbers of a row take.
  const auto choice = static_cast<std::uint32_t>(round_up(z.cols, 4) / 2);
  draw_rows(z, f.valid(), first_row, [&](std::uint64_t row, std::vector<double>& out) {
    double left = random.uniform(row, choice);
    std::size_t k = 0;
    while (k + 1 < w.size() && (left -= std::exp(w[k])) >= 0) ++k;
    random.normal(row, out);
    for (std::size_t j = 0; j < out.size(); ++j) {
      const std::size_t at = k * out.size() + j;
      const double deviation =
          std::exp(static_cast<double>(held_log_scale(f.theta(log_deviations_)[at])));
      out[j] = static_cast<double>(f.theta(means_)[at]) + temperature * deviation * out[j];
    }
  });
}

FrameSize Mixture::frame_size(std::size_t rows) const {
  return {.kept = 0, .scratch = round_up(means_.size(), rows) + rows * components()};
}

}  // namespace flow

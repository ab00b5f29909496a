// A mixture of K Gaussians with diagonal covariance: weights softmax(a), means m_k, deviations
// exp(s_k), all learned; the means start apart, as standard normal draws.
//   ln p(z) = ln sum_k w_k N_k,  ln N_k = -sum_j (u_kj^2 / 2 + s_kj + ln(2 pi) / 2),
//   u_kj = (z_j - m_kj) exp(-s_kj)
// Backward, with the responsibilities r_k = w_k N_k / p:
//   dz_j = -dlogp sum_k r_k u_kj exp(-s_kj),   dm_kj = sum_i dlogp r_k u_kj exp(-s_kj),
//   ds_kj = sum_i dlogp r_k (u_kj^2 - 1),      da_k = sum_i dlogp (r_k - w_k).
#pragma once
#include <string>

#include "flow/base.h"
#include "kernels/kernels.h"

namespace flow {

class Mixture final : public Base {
 public:
  Mixture(const std::string& name, std::size_t columns, std::size_t components, ParamTable& table);
  void log_density(CMat z, LogDet logp, Frame f) const override;
  void backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const override;
  // The temperature scales each component about its mean.
  void sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
              Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::size_t components() const { return weights_.cols; }
  std::vector<double> log_weights(Frame f) const;
  // What the kernels take, its constants in `constants`, its precisions in scratch.
  GaussianMixture gaussians(std::vector<double>& constants, Frame& f) const;

  Param weights_, means_, log_deviations_;
};

}  // namespace flow

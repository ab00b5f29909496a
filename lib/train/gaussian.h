// A Gaussian with all covariances, of weighted rows.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "core/view.h"

namespace flow {

using Rows = View<const double>;  // n x d, column by column

struct GaussianMoments {
  double weight = 0;
  std::vector<double> mean, covariance;  // d, d x d; weighted means, not divided by n - 1
};
GaussianMoments moments_of(Rows x, std::span<const double> weight);

class Gaussian {
 public:
  // Nothing where the covariance has no Cholesky factor. It is given by its lower triangle.
  static std::optional<Gaussian> of(std::vector<double> mean, std::vector<double> covariance);
  // out[i] = log N(x_i), in nats.
  void log_density(Rows x, std::span<double> out) const;
  // covariance^-1 v
  std::vector<double> solve(const std::vector<double>& v) const;

 private:
  std::vector<double> mean_, whitening_;  // d x d: the inverse of L, covariance = L L^T
  double constant_ = 0;                   // log-density at the mean
};

}  // namespace flow

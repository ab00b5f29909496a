// Student's t with v degrees of freedom, learned for each column: heavy tails, so that outliers
// cost ln |z| and not z^2. v = 10 exp(c tanh(s / c)), c = ln 10: from 1 (Cauchy) to 100, 10 at s =
// 0.
//   ln p(z) = ln G((v + 1)/2) - ln G(v/2) - ln(pi v)/2 - (v + 1)/2 ln(1 + z^2/v)
//   d ln p/dz = -(v + 1) z / (v + z^2)
//   d ln p/dv = (psi((v + 1)/2) - psi(v/2) - 1/v - ln(1 + z^2/v) + (v + 1)/v z^2/(v + z^2)) / 2
// Samples: z = sqrt(v (u^(-2/v) - 1)) cos(2 pi w), u and w uniform (Bailey: Polar generation of
// random variates with the t-distribution, 1994).
#pragma once
#include <string>

#include "flow/base.h"

namespace flow {

class StudentT final : public Base {
 public:
  StudentT(const std::string& name, std::size_t columns, ParamTable& table);
  void log_density(CMat z, LogDet logp, Frame f) const override;
  void backward(CMat z, Mat dz, CLogDet dlogp, Frame f) const override;
  void sample(Mat z, const Random& random, std::uint64_t first_row, double temperature,
              Frame f) const override;

 private:
  Param degrees_;  // s
};

}  // namespace flow

// Dequantising noise with parameters. Rows of integers n reach a flow as x = n + e with uniform
// noise e; this layer bends the noise within its unit, z = n + u, by a monotone spline for each
// number whose knots a net gives from all of n:
//   2 u - 1 = spline(2 e - 1; net(n)),   log |det| = sum_j ln du_j/de_j = -ln q(u | n),
// so that log p(z) + log |det| is the integrand of the variational bound of Ho and others: Flow++
// (2019), section 3.1 (there with couplings and a logit in place of the spline). It is a bijection
// of every unit cube: what a flow behind it scores stays an exact density of x, sampling and
// encoding go through it, and h = 0 is uniform noise again.
// Backward: n is constant almost everywhere, so dz passes to e through the spline alone, and to the
// parameters through h.
#pragma once
#include <memory>

#include "kernels/kernels.h"
#include "layers/layer.h"
#include "nn/conditioner.h"

namespace flow {

class VariationalDequantise final : public Layer {
 public:
  // The net sees n brought from [low, high] to [-1, 1], and gives the spline's parameters.
  VariationalDequantise(real low, real high, std::size_t bins, std::unique_ptr<Conditioner> net);
  void prepare(const real* theta, real* derived, bool gradient) const override {
    net_->prepare(theta, derived, gradient);
  }
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::size_t columns() const { return net_->inputs(); }
  void see(CMat x, Mat seen) const;  // what the net sees of x

  real low_, high_;
  MapSpec spec_;
  std::unique_ptr<Conditioner> net_;
};

}  // namespace flow

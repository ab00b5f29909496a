// z = W x,  log |det W| by a factorisation of W at each step, O(D^3): what linear.h's triangular
// factors do without. The reference code of Kingma, Dhariwal: Glow (2018) does this unless told
// otherwise; here it is for comparison.
// Backward: dW = dz^T x + (sum_i dlogdet) W^-T,  dx = W^T dz.
#pragma once
#include "layers/layer.h"

namespace flow {

class DenseLinear final : public Layer {
 public:
  // Starts as a random rotation. A singular W has log-det -Inf.
  DenseLinear(const std::string& name, std::size_t columns, ParamTable& table);
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  bool is_linear() const override { return true; }
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::size_t columns() const { return weight_.cols; }

  Param weight_;
  Slot inverse_, log_det_;  // W^-1, row by row
  Slot packed_, packed_transpose_, packed_inverse_;
};

}  // namespace flow

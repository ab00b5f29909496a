// z = x exp(s),  log |det| = sum_j s_j: the scaling layer on top of additive couplings, which alone
// preserve volume.  Dinh, Krueger, Bengio: NICE (2014), section 3.3.
// Backward: dL/dx = dz exp(s);  dL/ds = sum_i dz z + sum_i dlogdet.
#pragma once
#include "layers/layer.h"

namespace flow {

class Diagonal final : public Layer {
 public:
  Diagonal(const std::string& name, std::size_t columns, ParamTable& table);
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::own; }
  bool is_linear() const override { return true; }
  FrameSize frame_size(std::size_t rows) const override;

 private:
  Param log_scale_;
};

}  // namespace flow

// z = (x + b) exp(s),  log |det| = sum_j s_j.  Kingma, Dhariwal: Glow (2018), section 3.1.
// Starts so that each column of the first rows has mean 0 and deviation 1.
// Backward: dL/dx = dz exp(s);  dL/db = sum_i dL/dx;  dL/ds = sum_i dz z + sum_i dlogdet.
#pragma once
#include "layers/layer.h"

namespace flow {

class ActNorm final : public Layer {
 public:
  ActNorm(const std::string& name, std::size_t columns, ParamTable& table);
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::own; }
  FrameSize frame_size(std::size_t rows) const override;
  void start_from(CMat x, Vec theta) const override;

 private:
  double log_det(Frame f) const;

  Param log_scale_, shift_;
  Slot scale_, scaled_shift_;  // exp(s), exp(s) b
};

}  // namespace flow

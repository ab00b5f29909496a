// z = x' exp(g) + b,  x' = (x - m) / sqrt(v + e),  log |det| = sum_j (g_j - ln(v_j + e) / 2).
// Dinh, Sohl-Dickstein, Bengio: Real NVP (2017), section 3.7. In training m and v are those of the
// block's own rows, so the rows are coupled and the density is the batch's; in evaluation they are
// those of the training set.
//
// Backward in training, n rows, r = 1 / sqrt(v + e), dx' = dz exp(g):
//   dL/dx = r (dx' - mean(dx') - x' (mean(dx' x') + sum(dlogdet) / n))
//   dL/dg = sum dz (z - b) + sum dlogdet,   dL/db = sum dz.
// In evaluation dL/dx = r dx'.
#pragma once
#include "layers/layer.h"

namespace flow {

class BatchNorm final : public Layer {
 public:
  BatchNorm(const std::string& name, std::size_t columns, double epsilon, ParamTable& table);
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;  // by the training set's statistics
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::own; }
  FrameSize frame_size(std::size_t rows) const override;
  void start_from(CMat x, Vec theta) const override;
  bool couples_rows() const override { return true; }

 private:
  struct Statistics {
    double mean, root;  // root = 1 / sqrt(v + e)
  };
  Statistics statistics(CMat x, std::size_t column, Frame f) const;

  double epsilon_;
  Param log_scale_, shift_, mean_, variance_;
};

}  // namespace flow

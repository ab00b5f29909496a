// Columns bounded on both sides to the real line, in the file's units: kernels/logit.inc has the
// equations.  Dinh, Sohl-Dickstein, Bengio: Real NVP (2017), section 4.1.
#pragma once
#include "layers/layer.h"

namespace flow {

struct Bounds {
  real low = 0, high = 1, alpha = real(1e-6);  // alpha widens the range so that its ends are finite
};

class Logit final : public Layer {
 public:
  Logit(std::size_t columns, Bounds range) : columns_(columns), range_(range) {}
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::own; }
  FrameSize frame_size(std::size_t rows) const override {
    return {.kept = rows * columns_, .scratch = 0};
  }

 private:
  std::size_t columns_;
  Bounds range_;
};

}  // namespace flow

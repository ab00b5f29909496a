// z = ln(x - low), log |dz/dx| = -z: columns bounded below to the real line, in the file's units.
// kernels/logit.inc has the rest of the equations.
#pragma once
#include "layers/layer.h"

namespace flow {

class Log final : public Layer {
 public:
  Log(std::size_t columns, real low) : columns_(columns), low_(low) {}
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::own; }
  FrameSize frame_size(std::size_t rows) const override {
    return {.kept = rows * columns_, .scratch = 0};
  }

 private:
  std::size_t columns_;
  real low_;
};

}  // namespace flow

// z = (x - mean) / deviation,  log |det| = -sum_j ln deviation_j: preprocessing as a layer, so that
// log p stays in the units of the file. Fitted to the training rows, then fixed.
#pragma once
#include "layers/layer.h"

namespace flow {

class Standardise final : public Layer {
 public:
  Standardise(const std::string& name, std::size_t columns, ParamTable& table);
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;
  void start_from(CMat x, Vec theta) const override;

 private:
  Param mean_, deviation_;
};

}  // namespace flow

// z = (x - mean) / deviation,  log |det| = -sum_j ln deviation_j: preprocessing as a layer, so that
// log p stays in the units of the file. Fitted to the training rows, then fixed; or, as `rescale`,
// given beforehand: [low, high] becomes [0, 1].
#pragma once
#include "layers/layer.h"

namespace flow {

class Standardise final : public Layer {
 public:
  Standardise(const std::string& name, std::size_t columns, ParamTable& table);
  // Rescale: mean low, deviation high - low, whatever the rows.
  Standardise(const std::string& name, std::size_t columns, double low, double high,
              ParamTable& table);
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::own; }
  FrameSize frame_size(std::size_t rows) const override;
  void start_from(CMat x, Vec theta) const override;

 private:
  bool fitted_;
  Param mean_, deviation_;
};

}  // namespace flow

// z_j = x_(order_j),  log |det| = 0. The order is kept in the model file like any parameter.
#pragma once
#include "layers/layer.h"

namespace flow {

enum class Order {
  reverse,
  random,      // drawn from the seed
  interleave,  // the 1st, 3rd, 5th ... column, then the others: NICE's partition
};

class Permute final : public Layer {
 public:
  Permute(const std::string& name, std::size_t columns, Order order, ParamTable& table);
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::moves; }
  bool is_linear() const override { return true; }
  FrameSize frame_size(std::size_t rows) const override;

 private:
  void apply_inverse(Mat z, Frame f) const;

  std::string name_;
  Param order_;
  Slot seen_;
};

}  // namespace flow

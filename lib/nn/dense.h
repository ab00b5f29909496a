// y = x W^T + b over a block of rows, and its two backward products. Weights are packed once per
// step for kernels/product.inc, W for forward and W^T for backward.
#pragma once
#include <string>

#include "core/frame.h"
#include "kernels/kernels.h"

namespace flow {

class Dense {
 public:
  // Adds NAME/weight (outputs x inputs) and NAME/bias (1 x outputs).
  Dense(const std::string& name, std::size_t inputs, std::size_t outputs, Start weight, Start bias,
        ParamTable& table);

  std::size_t inputs() const { return weight_.cols; }
  std::size_t outputs() const { return weight_.rows; }

  // Packs into derived; W^T only for the gradient.
  void prepare(const real* theta, real* derived, bool gradient) const;
  // x: rows x inputs, y: rows x outputs. set, add or relu.
  void forward(CMat x, Mat y, Epilogue epilogue, Frame f) const;
  // Adds dL/dW and dL/db. dx = dy W: set, add, or through the ReLU whose output is `gate`.
  void backward(CMat x, CMat dy, Mat dx, Epilogue epilogue, CMat gate, Frame f) const;
  FrameSize frame_size(std::size_t rows) const;

 private:
  Param weight_, bias_;
  Slot packed_, packed_transpose_;
};

// A product's weights as kernels/product.inc wants them.
Slot reserve_packed(std::size_t outputs, std::size_t inputs, ParamTable& table);
// y = x W^T + b, where bias may be null: set, add or relu.
void product(CMat x, const real* packed, const real* bias, Epilogue epilogue, Mat y, Frame f);
// Scratch columns for a weight gradient over these inputs.
std::size_t gradient_columns(std::size_t inputs);

// What hidden layers of ReLUs start from (He and others, 2015): variance 2 / inputs.
Start start_he(std::size_t inputs);

}  // namespace flow

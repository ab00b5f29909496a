// A multi-layer perceptron: a_1 = f(W_1 x + b_1), ..., h = W_n a_(n-1) + b_n.
#pragma once
#include <vector>

#include "nn/activation.h"
#include "nn/conditioner.h"
#include "nn/dense.h"

namespace flow {

struct NetSpec {
  std::vector<std::size_t> hidden{128, 128};  // residual: one width
  Activation activation = Activation::relu;
  double dropout = 0;  // of hidden units, in training only
  double start = 0;  // the last layer starts uniform in +-start; 0: the flow starts as the identity
  double hidden_start = 0;   // the others likewise; 0: He
  bool residual = false;     // a masked net of that kind (nn/made.h): hidden is its one width
  std::size_t blocks = 2;    // residual
  std::uint32_t number = 0;  // tells apart the dropout noise of the nets of one flow
};

class Mlp final : public Conditioner {
 public:
  Mlp(const std::string& name, std::size_t inputs, std::size_t outputs, const NetSpec& spec,
      ParamTable& table);
  std::size_t inputs() const override { return layers_.front().inputs(); }
  std::size_t outputs() const override { return layers_.back().outputs(); }
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(CMat x, Mat h, Frame f) const override;
  void backward(CMat x, Mat dx, CMat dh, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  // What forward keeps of a hidden layer: its output; where backward needs it, the activation's
  // input (silu) or its output before dropout (tanh); the dropout mask.
  struct Hidden {
    Mat before, out, mask;
  };
  Hidden hidden(std::size_t l, Frame f) const;
  bool drops() const { return spec_.dropout > 0; }
  bool keeps_before() const {
    return spec_.activation == Activation::silu ||
           (spec_.activation == Activation::tanh && drops());
  }

  NetSpec spec_;
  std::vector<Dense> layers_;
};

}  // namespace flow

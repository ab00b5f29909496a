// The net of Glow's couplings, over images in pixel order: convolutions with ReLUs between, 3x3 at
// both ends and 1x1 inside, the last with weights at zero and a learned size.
// Kingma, Dhariwal: Glow (2018), section 3.3. Without hidden layers it is that last one alone: the
// prior of what a multi-scale flow sets aside.
#pragma once
#include <vector>

#include "nn/conditioner.h"
#include "nn/convolution.h"

namespace flow {

class ConvolutionNet final : public Conditioner {
 public:
  // hidden: channels of each hidden layer.
  ConvolutionNet(const std::string& name, ImageSize size, std::size_t inputs, std::size_t outputs,
                 const std::vector<std::size_t>& hidden, ParamTable& table);
  std::size_t inputs() const override { return layers_.front().inputs(); }
  std::size_t outputs() const override { return layers_.back().outputs(); }
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(CMat x, Mat h, Frame f) const override;
  void backward(CMat x, Mat dx, CMat dh, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  Mat hidden(std::size_t layer, Frame f) const;  // kept: what leaves it
  std::size_t widest() const;                    // of the hidden layers, in columns

  std::vector<ConvolutionLayer> layers_;
};

}  // namespace flow

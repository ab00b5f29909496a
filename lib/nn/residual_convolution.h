// The net of RealNVP's couplings, over images in pixel order: a residual net with pre-activation
// blocks and weight normalisation,
//   r_0 = A x;   r_(k+1) = r_k + V_k relu(U_k relu(r_k));   h = B relu(r_n),
// A, U and V 3x3, B 1x1. Dinh, Sohl-Dickstein, Bengio: Real NVP (2017), section 4.1; He and others:
// Identity mappings in deep residual networks (2016).
#pragma once
#include <vector>

#include "nn/conditioner.h"
#include "nn/convolution.h"

namespace flow {

class ResidualConvolution final : public Conditioner {
 public:
  ResidualConvolution(const std::string& name, ImageSize size, std::size_t inputs,
                      std::size_t outputs, std::size_t channels, std::size_t blocks,
                      ParamTable& table);
  std::size_t inputs() const override { return in_.inputs(); }
  std::size_t outputs() const override { return out_.outputs(); }
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(CMat x, Mat h, Frame f) const override;
  void backward(CMat x, Mat dx, CMat dh, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::size_t width() const { return in_.outputs(); }
  // What forward keeps: relu(r_k) of block k (of the end, for k = blocks), and relu(U_k ..).
  Mat before(std::size_t block, Frame f) const;
  Mat inside(std::size_t block, Frame f) const;

  struct Block {
    ConvolutionLayer u, v;
  };
  ConvolutionLayer in_;
  std::vector<Block> blocks_;
  ConvolutionLayer out_;
};

}  // namespace flow

// y(p) = b + sum_t W_t x(p + t): a convolution over images in pixel order (core/image.h) that keeps
// their size, zeros beyond the border, and its two backward products:
//   dx(p) = sum_t W_t^T dy(p - t),  a convolution with the taps in reverse;   dW_t = sum_p dy(p)
//   x(p + t)^T.
// Each is made of the dense layer's products (kernels/convolution.inc). In blocks whose rows are
// the vector lanes this needs neither copies of windows (im2col) nor borders of zeros: measured on
// one core of a Zen 4, 16 images, forward 76-97 % of the FMA peak at Glow's shapes, where NHWC with
// a row of channels as the vector left 45-90 % (implicit product) or 43-61 % (few outputs).
#pragma once
#include <string>

#include "core/frame.h"
#include "kernels/kernels.h"
#include "nn/reparameterise.h"

namespace flow {

class ConvolutionLayer {
 public:
  struct Spec {
    Convolution window;
    std::size_t inputs, outputs;  // channels
    Weighting weighting = Weighting::plain;
    double gain = 0;  // what the gains start from
  };
  // Adds NAME/weight (outputs x taps * inputs: tap by tap, channels innermost), NAME/bias (1 x
  // outputs) and, unless plain, NAME/gain.
  ConvolutionLayer(const std::string& name, const Spec& spec, Start weight, ParamTable& table);

  std::size_t inputs() const { return spec_.window.size.pixels() * spec_.inputs; }  // columns of x
  std::size_t outputs() const { return spec_.window.size.pixels() * spec_.outputs; }

  void prepare(const real* theta, real* derived, bool gradient) const;
  void forward(CMat x, Mat y, Epilogue epilogue, Frame f) const;  // set, add or relu
  // Adds the gradient of what is trained. dx: set, add, or through the ReLU whose output is `gate`.
  void backward(CMat x, CMat dy, Mat dx, Epilogue epilogue, CMat gate, Frame f) const;
  FrameSize frame_size(std::size_t rows) const;

 private:
  std::size_t weights() const { return weight_.size(); }
  void add_gradient(CMat x, CMat dy, Frame f) const;

  Spec spec_;
  Param weight_, bias_, gain_{};
  Slot w_, b_, packed_, reversed_, packed_reversed_;
};

}  // namespace flow

// A net over images in pixel order, for a coupling whose columns stand in any order: each column of
// x and of h has its place in the images that the net reads and writes. What nobody fills is zero:
// the masked half of a checkerboard. Context of the row becomes channels that are the same at every
// pixel.
#pragma once
#include <memory>

#include "core/image.h"
#include "nn/conditioner.h"

namespace flow {

class ImageNet final : public Conditioner {
 public:
  // in: the column of net's input for each of x; out: the column of net's output for each of h. The
  // last `context` channels of the net's input are those of the context.
  ImageNet(ImageSize size, Places in, Places out, std::size_t context,
           std::unique_ptr<Conditioner> net);
  std::size_t inputs() const override { return in_.size(); }
  std::size_t outputs() const override { return out_.size(); }
  void prepare(const real* theta, real* derived, bool gradient) const override {
    net_->prepare(theta, derived, gradient);
  }
  void forward(CMat x, Mat h, Frame f) const override;
  void backward(CMat x, Mat dx, CMat dh, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  ImageSize size_;
  Places in_, out_;
  std::size_t context_;
  std::unique_ptr<Conditioner> net_;
};

}  // namespace flow

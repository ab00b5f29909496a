// A layer of channels at every pixel of images in planes (core/image.h): f(x)(p) = g(x(p)), so that
// log |det df/dx| = pixels * log |det dg/dx|. With actnorm and linear as g these are the activation
// normalisation and the invertible 1x1 convolution of Kingma, Dhariwal: Glow (2018), sections 3.1,
// 3.2: their determinants cost O(channels), whatever the size of the image.
#pragma once
#include <memory>

#include "layers/layer.h"

namespace flow {

class PerPixel final : public Layer {
 public:
  // layer: of `channels` columns; its log-det must be the same for every row.
  PerPixel(std::size_t pixels, std::size_t channels, std::unique_ptr<Layer> layer)
      : pixels_(pixels), channels_(channels), layer_(std::move(layer)) {}
  void prepare(const real* theta, real* derived, bool gradient) const override {
    layer_->prepare(theta, derived, gradient);
  }
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;
  void start_from(CMat x, Vec theta) const override;

 private:
  // Calls g(x by channel), of a copy where the columns of x are not packed.
  template <class G>
  void by_channel_of(Mat x, Frame& f, G g) const;

  std::size_t pixels_, channels_;
  std::unique_ptr<Layer> layer_;
};

}  // namespace flow

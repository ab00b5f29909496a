// Columns in another order that the configuration fixes: z_j = x_(places_j),  log |det| = 0.
#pragma once
#include <memory>

#include "core/image.h"
#include "layers/layer.h"

namespace flow {

class Reorder final : public Layer {
 public:
  explicit Reorder(Places places) : places_(std::move(places)) {}
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  Reach reach() const override { return Reach::moves; }
  bool is_linear() const override { return true; }
  FrameSize frame_size(std::size_t rows) const override;

 private:
  Places places_;
};

// A layer that acts on columns in another order, and leaves them in the old one.
class Reordered final : public Layer {
 public:
  Reordered(Places places, std::unique_ptr<Layer> layer)
      : places_(std::move(places)), layer_(std::move(layer)) {}
  void prepare(const real* theta, real* derived, bool gradient) const override {
    layer_->prepare(theta, derived, gradient);
  }
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;

 private:
  Places places_;
  std::unique_ptr<Layer> layer_;
};

}  // namespace flow

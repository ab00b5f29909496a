// A layer of some neighbouring columns; the others go through unchanged. So what a multi-scale flow
// has set aside stays where it is, and the base is taken once over all columns.
#pragma once
#include <memory>

#include "layers/layer.h"

namespace flow {

class Part final : public Layer {
 public:
  Part(std::size_t first, std::size_t columns, std::unique_ptr<Layer> layer)
      : first_(first), columns_(columns), layer_(std::move(layer)) {}
  void prepare(const real* theta, real* derived, bool gradient) const override {
    layer_->prepare(theta, derived, gradient);
  }
  void forward(Mat x, LogDet logdet, Frame f) const override {
    layer_->forward(x.columns(first_, columns_), logdet, f);
  }
  void inverse(Mat z, LogDet logdet, Frame f) const override {
    layer_->inverse(z.columns(first_, columns_), logdet, f);
  }
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override {
    layer_->backward(z.columns(first_, columns_), dz.columns(first_, columns_), dlogdet, f);
  }
  FrameSize frame_size(std::size_t rows) const override { return layer_->frame_size(rows); }
  void start_from(CMat x, Vec theta) const override {
    layer_->start_from(x.columns(first_, columns_), theta);
  }
  bool couples_rows() const override { return layer_->couples_rows(); }

 private:
  std::size_t first_, columns_;
  std::unique_ptr<Layer> layer_;
};

}  // namespace flow

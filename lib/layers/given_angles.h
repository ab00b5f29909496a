// A layer of the first columns, given the angles in the last ones, which go through unchanged:
//   z_a = layer(x_a; context (cos t, sin t, c)),  z_t = t.
// The Jacobian is block triangular, so its log-determinant is the layer's own: with layers of t
// alone behind, this is the chain rule p(t) p(x_a | t). As cos and sin reach the layer, its map is
// the same at t and t + 2 pi, and so is the density.
// Angles t are numbers of the circle [-pi, pi).
//
// Backward: dt = dz_t + cos t dsin - sin t dcos, with dcos and dsin those of the layer's context.
#pragma once
#include <memory>

#include "layers/layer.h"

namespace flow {

class GivenAngles final : public Layer {
 public:
  // layer: of `columns` columns, and of a context 2 `angles` columns wider than the frame's, which
  // has `context`.
  GivenAngles(std::size_t columns, std::size_t angles, std::size_t context,
              std::unique_ptr<Layer> layer)
      : columns_(columns), angles_(angles), context_(context), layer_(std::move(layer)) {}
  void prepare(const real* theta, real* derived, bool gradient) const override {
    layer_->prepare(theta, derived, gradient);
  }
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  FrameSize frame_size(std::size_t rows) const override;
  void start_from(CMat x, Vec theta) const override {
    layer_->start_from(x.columns(0, columns_), theta);
  }
  bool couples_rows() const override { return layer_->couples_rows(); }

 private:
  std::size_t seen() const { return 2 * angles_ + context_; }
  Frame given(CMat x, Frame& f) const;

  std::size_t columns_, angles_, context_;
  std::unique_ptr<Layer> layer_;
};

}  // namespace flow

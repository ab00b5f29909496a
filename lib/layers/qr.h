// z = Q R x,  log |det| = sum_j s_j: a dense invertible matrix by its QR factors, Q orthogonal
// (orthogonal.h), R upper triangular with diagonal exp(s) (upper.h). Unlike L U it reaches every
// matrix of positive determinant without a permutation, and its inverse is as well conditioned as
// R. Hoogeboom, van den Berg, Welling: Emerging convolutions for generative normalizing flows
// (2019).
#pragma once
#include "layers/orthogonal.h"
#include "layers/upper.h"

namespace flow {

class Qr final : public Layer {
 public:
  // Starts as the identity for an even number of reflections.
  Qr(const std::string& name, std::size_t columns, std::size_t reflections, ParamTable& table);
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  bool is_linear() const override { return true; }
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::size_t columns_;
  Upper r_;
  Orthogonal q_;
};

}  // namespace flow

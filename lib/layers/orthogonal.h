// z = Q x,  Q = H_1 H_2 ... H_k,  H_i = I - 2 v_i v_i^T / |v_i|^2,  log |det| = 0: an orthogonal
// matrix by Householder's reflections, and with k = D any.  Tomczak, Welling: Improving variational
// auto-encoders using Householder flow (2016).
//
// Q is multiplied out once a step. Backward: dx = Q^T dz, and with T = S - S^T, S = sum_i dz z^T,
// reflection after reflection from the first:  dv_i = 2 T v_i / |v_i|^2,  then T becomes H_i T H_i.
// (A reflection turns by an antisymmetric step, so only that part of S moves it.)
#pragma once
#include "layers/layer.h"

namespace flow {

class Orthogonal final : public Layer {
 public:
  enum class Begin { random, identity };  // identity: of an even number, equal in pairs

  Orthogonal(const std::string& name, std::size_t columns, std::size_t reflections, Begin begin,
             ParamTable& table);
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  bool is_linear() const override { return true; }
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::size_t columns() const { return vectors_.cols; }
  // Rows of square matrices stand so far apart, for kernels that take whole vectors.
  std::size_t stride() const { return round_up(columns(), lanes); }
  // v_i, filled up with zeros; returns 2 / |v_i|^2, or 0 where it has no direction.
  real reflection(const real* theta, std::size_t i, real* v) const;

  Param vectors_;
  Slot dense_, packed_, packed_transpose_;
};

}  // namespace flow

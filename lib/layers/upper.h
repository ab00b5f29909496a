// y = U x, U upper triangular with diagonal exp(s),  log |det| = sum_j s_j: the part that the
// linear layers share. Backward: dU = dy x^T above the diagonal,  ds_j = dU_jj exp(s_j) + sum_i
// dlogdet,  dx = U^T dy.
#pragma once
#include "core/frame.h"
#include "nn/triangular.h"

namespace flow {

class Upper {
 public:
  // d x d: s on the diagonal, U above; what is below is somebody else's.
  Upper(Param matrix, ParamTable& table);
  void prepare(const real* theta, real* derived, bool gradient) const;
  void forward(CMat x, Mat y, Frame f) const;
  void solve(Mat y, Frame f) const;                               // y becomes x
  const real* dense(Frame f) const { return f.derived(dense_); }  // U, row by row
  double log_det(Frame f) const;
  // dx is set, the rest ADDED. dlogdet: its sum over the rows.
  void backward(CMat x, CMat dy, Mat dx, double dlogdet, Frame f) const;
  FrameSize frame_size(std::size_t rows) const;

 private:
  std::size_t columns() const { return matrix_.cols; }

  Param matrix_;
  Slot dense_, packed_transpose_;
  UpperProduct product_;
};

}  // namespace flow

// z = L U x,  log |det| = sum_j s_j: a dense invertible matrix by its LU factors, L unit lower
// triangular, U upper triangular with diagonal exp(s), so that the determinant costs O(D) and not
// O(D^3). With a permutation before it this is Glow's P L U.  Kingma, Dhariwal: Glow (2018),
// section 3.2.
//
// With y = U x, z = L y:
//   inverse: y by forward, x by back substitution, all rows at once;
//   dL = dz y^T below the diagonal,  dy = L^T dz;  upper.h has the rest.
//
// Both ways are summed in double and rounded once: a Glow of 96 such layers comes back to half as
// far from where it began as with y rounded too and sums in single precision.
#pragma once
#include "layers/layer.h"
#include "layers/upper.h"

namespace flow {

class Linear final : public Layer {
 public:
  // One matrix holds all: L below the diagonal, s on it, U above. Of zeros it is the identity.
  Linear(const std::string& name, std::size_t columns, ParamTable& table, Start lu = start_at(0));
  void prepare(const real* theta, real* derived, bool gradient) const override;
  void forward(Mat x, LogDet logdet, Frame f) const override;
  void inverse(Mat z, LogDet logdet, Frame f) const override;
  void backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const override;
  bool is_linear() const override { return true; }
  FrameSize frame_size(std::size_t rows) const override;

 private:
  std::size_t columns() const { return lu_.cols; }
  // Memory of the kernels, and how many reals that is.
  double* strip(Frame f) const;
  std::size_t strip_size() const { return columns() * 4 * lanes * sizeof(double) / sizeof(real); }

  Param lu_;
  Upper upper_;
  Slot lower_, packed_transpose_;  // of L; dense, row by row, and packed
};

}  // namespace flow

// Neighbouring layers that are linear, as one product: z = A x with A = A_k ... A_1, made once for
// evaluation. Triangular factors cost O(D) for the determinant and serve training; a row that is
// only scored or sampled wants their product, and that of their inverses, at hand.
//
// A row so has other rounding than by the layers one after the other, within a few eps |A| |x|: its
// bits are the same wherever these layers are passed as a whole, and not where a pass ends inside,
// as the parts of a score by layer do.
#pragma once
#include <span>

#include "core/aligned.h"
#include "core/frame.h"

namespace flow {

class LinearRun {
 public:
  // Of layers first .. last-1. images, preimages: D rows, `stride` apart, the jth A e_j and
  // A^-1 e_j; log_det: ln |det A|.
  LinearRun(std::size_t first, std::size_t last, std::size_t columns, std::size_t stride,
            std::span<const real> images, std::span<const real> preimages, double log_det);

  std::size_t first() const { return first_; }
  std::size_t last() const { return last_; }

  // As a layer's. Scratch: x.cols columns.
  void forward(Mat x, LogDet logdet, Frame f) const;
  void inverse(Mat z, LogDet logdet, Frame f) const;

 private:
  std::size_t first_, last_;
  Aligned<real> matrix_, inverse_;  // packed
  double log_det_;
};

}  // namespace flow

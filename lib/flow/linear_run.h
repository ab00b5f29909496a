// Neighbouring layers that are linear, as one product: z = A x with A = A_k ... A_1, made once for
// scoring. Triangular factors make the determinant cost O(D), which a step of training needs; a row
// that is only scored wants their product at hand. Rows on their way to latents and back go layer
// by layer: triangular solves undo the same factors and lose fewer digits.
//
// A density so has other rounding than by the layers one after the other, within a few eps |A| |x|
// of each z: its bits are the same in every score, but for one that ends or begins inside such a
// run, or is printed by layer.
#pragma once
#include <span>

#include "core/aligned.h"
#include "core/frame.h"

namespace flow {

class LinearRun {
 public:
  // Of layers first .. last-1. images: rows of D numbers, `stride` apart, the jth A e_j; log_det:
  // ln |det A|.
  LinearRun(std::size_t first, std::size_t last, std::size_t columns, std::size_t stride,
            std::span<const real> images, double log_det);

  std::size_t first() const { return first_; }
  std::size_t last() const { return last_; }

  // As a layer's. Scratch: x.cols columns.
  void forward(Mat x, LogDet logdet, Frame f) const;

 private:
  std::size_t first_, last_;
  Aligned<real> matrix_;  // packed
  double log_det_;
};

}  // namespace flow

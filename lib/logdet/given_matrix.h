// What the methods share that are given a matrix and overwrite it: the matrix, a copy to work on,
// and the reference.
#pragma once
#include "logdet/matrix.h"
#include "logdet/method.h"

namespace flow {

class GivenMatrix : public Trial {
 public:
  explicit GivenMatrix(std::size_t n) : given_(random_square(n)), work_(n) {}
  void restore() override { copy_matrix<real>(given_.view(), work_.view()); }
  // By QR in double while that takes no longer than a second, which has no step in common with LU;
  // else by LU in double.
  double reference() override {
    const CMat a = given_.view();
    if (a.cols > 512) return log_det_in_double(a);
    const Square<double> copy(a.cols);
    copy_matrix(a, copy.view());
    return log_det_by_qr(copy.view());
  }

 protected:
  CMat given() const { return given_.view(); }
  Mat work() const { return work_.view(); }

 private:
  Square<real> given_, work_;
};

}  // namespace flow

#include "layers/logit.h"

#include "kernels/kernels.h"

namespace flow {

void Logit::forward(Mat x, LogDet logdet, Frame f) const {
  copy(x, f.keep(columns_));
  kernels().logit(x, range_.low, range_.high, range_.alpha, logdet.data());
}

void Logit::inverse(Mat z, LogDet logdet, Frame) const {
  kernels().logit_inverse(z, range_.low, range_.high, range_.alpha, logdet.data());
}

void Logit::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  copy(f.keep(columns_), z);
  kernels().logit_backward(z, dz, range_.low, range_.high, range_.alpha, dlogdet.data());
}

}  // namespace flow

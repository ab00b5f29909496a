#include "layers/log.h"

#include "kernels/kernels.h"

namespace flow {

void Log::forward(Mat x, LogDet logdet, Frame f) const {
  copy(x, f.keep(columns_));
  kernels().log(x, low_, logdet.data());
}

void Log::inverse(Mat z, LogDet logdet, Frame) const {
  kernels().log_inverse(z, low_, logdet.data());
}

void Log::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  copy(f.keep(columns_), z);
  kernels().log_backward(z, dz, low_, dlogdet.data());
}

}  // namespace flow

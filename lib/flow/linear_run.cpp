#include "flow/linear_run.h"

#include "layers/layer.h"
#include "nn/dense.h"

namespace flow {

LinearRun::LinearRun(std::size_t first, std::size_t last, std::size_t columns, std::size_t stride,
                     std::span<const real> images, double log_det)
    : first_(first),
      last_(last),
      matrix_(kernels().packed_size(columns, columns)),
      log_det_(log_det) {
  kernels().pack(images.data(), columns, columns, 1, stride, matrix_.data());
}

void LinearRun::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat z = f.scratch(x.cols);
  product(x, matrix_.data(), nullptr, Epilogue::set, z, f);
  copy(z, x);
  add_to_all(log_det_, logdet);
}

}  // namespace flow

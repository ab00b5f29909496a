#include "flow/linear_run.h"

#include "layers/layer.h"
#include "nn/dense.h"

namespace flow {

namespace {

Aligned<real> packed(std::size_t columns, std::size_t stride, std::span<const real> images) {
  Aligned<real> out(kernels().packed_size(columns, columns));
  kernels().pack(images.data(), columns, columns, 1, stride, out.data());
  return out;
}

void apply(const Aligned<real>& matrix, Mat x, Frame f) {
  const Mat y = f.scratch(x.cols);
  product(x, matrix.data(), nullptr, Epilogue::set, y, f);
  copy(y, x);
}

}  // namespace

LinearRun::LinearRun(std::size_t first, std::size_t last, std::size_t columns, std::size_t stride,
                     std::span<const real> images, std::span<const real> preimages, double log_det)
    : first_(first),
      last_(last),
      matrix_(packed(columns, stride, images)),
      inverse_(packed(columns, stride, preimages)),
      log_det_(log_det) {}

void LinearRun::forward(Mat x, LogDet logdet, Frame f) const {
  apply(matrix_, x, f);
  add_to_all(log_det_, logdet);
}

void LinearRun::inverse(Mat z, LogDet logdet, Frame f) const {
  apply(inverse_, z, f);
  add_to_all(-log_det_, logdet);
}

}  // namespace flow

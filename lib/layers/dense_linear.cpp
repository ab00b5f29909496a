#include "layers/dense_linear.h"

#include <utility>

#include "kernels/kernels.h"
#include "layers/rotation.h"
#include "nn/dense.h"
#include "nn/lu.h"

namespace flow {

namespace {

// a (d x d) becomes its inverse, or zeros where it has none; returns ln |det a|. Row by row or
// column by column, the inverse stands in the same order.
double invert(std::vector<double>& a, std::size_t d) {
  std::vector<std::size_t> pivots(d);
  std::vector<double> b(d * d);
  const View<double> lu{a.data(), d, d, d}, inverse{b.data(), d, d, d};
  const LogAbsDet det = log_abs_det(lu, pivots);
  for (std::size_t j = 0; j < d && det.sign != 0; ++j) {
    double* const x = inverse.col(j);
    x[j] = 1;
    for (std::size_t k = 0; k < d; ++k) std::swap(x[k], x[pivots[k]]);
    for (std::size_t k = 0; k < d; ++k)
      for (std::size_t i = k + 1; i < d; ++i) x[i] -= lu(i, k) * x[k];
    for (std::size_t k = d; k-- > 0;) {
      x[k] /= lu(k, k);
      for (std::size_t i = 0; i < k; ++i) x[i] -= lu(i, k) * x[k];
    }
  }
  a = std::move(b);
  return det.log_abs;
}

}  // namespace

DenseLinear::DenseLinear(const std::string& name, std::size_t columns, ParamTable& table)
    : weight_(table.add(name + "/weight", columns, columns, Role::weight,
                        start_rotation_matrix(columns))),
      inverse_(table.reserve(columns * columns)),
      log_det_(table.reserve(1)),
      packed_(reserve_packed(columns, columns, table)),
      packed_transpose_(reserve_packed(columns, columns, table)),
      packed_inverse_(reserve_packed(columns, columns, table)) {}

void DenseLinear::prepare(const real* theta, real* derived, bool gradient) const {
  const std::size_t d = columns();
  const real* w = theta + weight_.offset;
  std::vector<double> a(w, w + d * d);
  derived[log_det_.offset] = static_cast<real>(invert(a, d));
  real* inverse = derived + inverse_.offset;
  std::transform(a.begin(), a.end(), inverse, [](double v) { return static_cast<real>(v); });
  kernels().pack(w, d, d, d, 1, derived + packed_.offset);
  kernels().pack(inverse, d, d, d, 1, derived + packed_inverse_.offset);
  if (gradient) kernels().pack(w, d, d, 1, d, derived + packed_transpose_.offset);
}

void DenseLinear::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat kept = f.keep(columns());
  copy(x, kept);
  product(kept, f.derived(packed_), nullptr, Epilogue::set, x, f);
  add_to_all(static_cast<double>(*f.derived(log_det_)), logdet);
}

void DenseLinear::inverse(Mat z, LogDet logdet, Frame f) const {
  const Mat from = f.scratch(columns());
  copy(z, from);
  product(from, f.derived(packed_inverse_), nullptr, Epilogue::set, z, f);
  add_to_all(-static_cast<double>(*f.derived(log_det_)), logdet);
}

void DenseLinear::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const std::size_t d = columns();
  const Mat x = f.keep(d), from = f.scratch(d);
  real* turned = f.scratch(gradient_columns(d)).data;
  const Vec dw = f.grad(weight_);
  const real* inverse = f.derived(inverse_);
  const real all = static_cast<real>(sum(dlogdet));
  copy(dz, from);
  kernels().weight_gradient(x, from, dw.data(), d, turned);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) dw[i * d + j] += all * inverse[j * d + i];
  kernels().product(from, f.derived(packed_transpose_), nullptr, Epilogue::set, {}, dz);
  copy(x, z);
}

FrameSize DenseLinear::frame_size(std::size_t rows) const {
  return {.kept = rows * columns(), .scratch = rows * (columns() + gradient_columns(columns()))};
}

}  // namespace flow

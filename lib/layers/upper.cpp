#include "layers/upper.h"

#include <cmath>

#include "kernels/kernels.h"
#include "layers/log_scale.h"
#include "nn/dense.h"

namespace flow {

Upper::Upper(Param matrix, ParamTable& table)
    : matrix_(matrix),
      dense_(table.reserve(matrix.size())),
      packed_transpose_(reserve_packed(matrix.cols, matrix.cols, table)),
      product_(matrix.cols, table) {}

void Upper::prepare(const real* theta, real* derived, bool gradient) const {
  const std::size_t d = columns();
  const real* m = theta + matrix_.offset;
  real* u = derived + dense_.offset;
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j)
      u[i * d + j] = j < i ? 0 : j > i ? m[i * d + j] : std::exp(held_log_scale(m[i * d + i]));
  product_.prepare(u, derived);
  if (gradient) kernels().pack(u, d, d, 1, d, derived + packed_transpose_.offset);
}

void Upper::forward(CMat x, Mat y, Frame f) const { product_.forward(x, y, f); }

void Upper::solve(Mat y, Frame f) const { kernels().solve_upper(f.derived(dense_), y); }

double Upper::log_det(Frame f) const {
  const CVec m = f.theta(matrix_);
  double s = 0;
  for (std::size_t j = 0; j < columns(); ++j)
    s += static_cast<double>(held_log_scale(m[j * columns() + j]));
  return s;
}

void Upper::backward(CMat x, CMat dy, Mat dx, double dlogdet, Frame f) const {
  const std::size_t d = columns();
  real* du = f.scratch(round_up(d * d, x.rows) / x.rows).data;
  real* turned = f.scratch(gradient_columns(d)).data;
  const Vec dm = f.grad(matrix_);
  const real* u = f.derived(dense_);
  std::fill_n(du, d * d, real(0));
  kernels().weight_gradient(x, dy, du, d, turned);
  for (std::size_t i = 0; i < d; ++i) {
    dm[i * d + i] += du[i * d + i] * u[i * d + i] + static_cast<real>(dlogdet);
    for (std::size_t j = i + 1; j < d; ++j) dm[i * d + j] += du[i * d + j];
  }
  kernels().product(dy, f.derived(packed_transpose_), nullptr, Epilogue::set, {}, dx);
}

FrameSize Upper::frame_size(std::size_t rows) const {
  const std::size_t d = columns();
  return {.kept = 0, .scratch = round_up(d * d, rows) + rows * gradient_columns(d)};
}

}  // namespace flow

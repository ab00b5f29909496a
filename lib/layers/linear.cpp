#include "layers/linear.h"

#include <cmath>

#include "kernels/kernels.h"
#include "nn/dense.h"

namespace flow {

Linear::Linear(const std::string& name, std::size_t columns, ParamTable& table)
    : lu_(table.add(name + "/lu", columns, columns, Role::weight, start_at(0))),
      lower_(table.reserve(columns * columns)),
      upper_(table.reserve(columns * columns)),
      packed_lower_(reserve_packed(columns, columns, table)),
      packed_upper_(reserve_packed(columns, columns, table)),
      packed_lower_transpose_(reserve_packed(columns, columns, table)),
      packed_upper_transpose_(reserve_packed(columns, columns, table)) {}

void Linear::prepare(const real* theta, real* derived, bool gradient) const {
  const std::size_t d = columns();
  const real* lu = theta + lu_.offset;
  real *lower = derived + lower_.offset, *upper = derived + upper_.offset;
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) {
      lower[i * d + j] = j < i ? lu[i * d + j] : real(i == j);
      upper[i * d + j] = j < i ? 0 : j > i ? lu[i * d + j] : std::exp(lu[i * d + i]);
    }
  kernels().pack(lower, d, d, d, 1, derived + packed_lower_.offset);
  kernels().pack(upper, d, d, d, 1, derived + packed_upper_.offset);
  if (!gradient) return;
  kernels().pack(lower, d, d, 1, d, derived + packed_lower_transpose_.offset);
  kernels().pack(upper, d, d, 1, d, derived + packed_upper_transpose_.offset);
}

double Linear::log_det(Frame f) const {
  const CVec lu = f.theta(lu_);
  double s = 0;
  for (std::size_t j = 0; j < columns(); ++j) s += static_cast<double>(lu[j * columns() + j]);
  return s;
}

void Linear::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat kept_x = f.keep(columns()), y = f.keep(columns());
  copy(x, kept_x);
  kernels().product(kept_x, f.derived(packed_upper_), nullptr, Epilogue::set, {}, y);
  kernels().product(y, f.derived(packed_lower_), nullptr, Epilogue::set, {}, x);
  add_to_all(log_det(f), logdet);
}

void Linear::inverse(Mat z, LogDet logdet, Frame f) const {
  kernels().solve_lower(f.derived(lower_), z);
  kernels().solve_upper(f.derived(upper_), z);
  add_to_all(-log_det(f), logdet);
}

void Linear::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const std::size_t d = columns();
  const Mat x = f.keep(d), y = f.keep(d), dy = f.scratch(d);
  real* dw = f.scratch(round_up(d * d, z.rows) / z.rows).data;
  real* turned = f.scratch(gradient_columns(d)).data;
  const Vec dlu = f.grad(lu_);
  const real* upper = f.derived(upper_);

  std::fill_n(dw, d * d, real(0));
  kernels().weight_gradient(y, dz, dw, d, turned);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < i; ++j) dlu[i * d + j] += dw[i * d + j];
  kernels().product(dz, f.derived(packed_lower_transpose_), nullptr, Epilogue::set, {}, dy);

  std::fill_n(dw, d * d, real(0));
  kernels().weight_gradient(x, dy, dw, d, turned);
  const real all = static_cast<real>(sum(dlogdet));
  for (std::size_t i = 0; i < d; ++i) {
    dlu[i * d + i] += dw[i * d + i] * upper[i * d + i] + all;
    for (std::size_t j = i + 1; j < d; ++j) dlu[i * d + j] += dw[i * d + j];
  }
  kernels().product(dy, f.derived(packed_upper_transpose_), nullptr, Epilogue::set, {}, dz);
  copy(x, z);
}

FrameSize Linear::frame_size(std::size_t rows) const {
  const std::size_t d = columns();
  return {.kept = 2 * rows * d,
          .scratch = rows * d + round_up(d * d, rows) + rows * gradient_columns(d)};
}

}  // namespace flow

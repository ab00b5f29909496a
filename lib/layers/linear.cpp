#include "layers/linear.h"

#include <utility>

#include "kernels/kernels.h"
#include "nn/dense.h"

namespace flow {

Linear::Linear(const std::string& name, std::size_t columns, ParamTable& table, Start lu)
    : lu_(table.add(name + "/lu", columns, columns, Role::weight, std::move(lu))),
      upper_(lu_, table),
      lower_(table.reserve(columns * columns)),
      packed_transpose_(reserve_packed(columns, columns, table)) {}

void Linear::prepare(const real* theta, real* derived, bool gradient) const {
  const std::size_t d = columns();
  const real* lu = theta + lu_.offset;
  real* lower = derived + lower_.offset;
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) lower[i * d + j] = j < i ? lu[i * d + j] : real(i == j);
  upper_.prepare(theta, derived, gradient);
  if (gradient) kernels().pack(lower, d, d, 1, d, derived + packed_transpose_.offset);
}

double* Linear::strip(Frame f) const {
  return reinterpret_cast<double*>(f.scratch(round_up(strip_size(), f.rows()) / f.rows()).data);
}

void Linear::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat kept_x = f.keep(columns()), y = f.keep(columns());
  copy(x, kept_x);
  kernels().multiply_lu(f.derived(lower_), upper_.dense(f), x, y, strip(f));
  add_to_all(upper_.log_det(f), logdet);
}

void Linear::inverse(Mat z, LogDet logdet, Frame f) const {
  kernels().solve_lu(f.derived(lower_), upper_.dense(f), z, strip(f));
  add_to_all(-upper_.log_det(f), logdet);
}

void Linear::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const std::size_t d = columns();
  const Mat x = f.keep(d), y = f.keep(d), dy = f.scratch(d);
  Frame behind = f;
  real* dw = f.scratch(round_up(d * d, z.rows) / z.rows).data;
  real* turned = f.scratch(gradient_columns(d)).data;
  const Vec dlu = f.grad(lu_);
  std::fill_n(dw, d * d, real(0));
  kernels().weight_gradient(y, dz, dw, d, turned);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < i; ++j) dlu[i * d + j] += dw[i * d + j];
  kernels().product(dz, f.derived(packed_transpose_), nullptr, Epilogue::set, {}, dy);
  upper_.backward(x, dy, dz, sum(dlogdet), behind);
  copy(x, z);
}

FrameSize Linear::frame_size(std::size_t rows) const {
  const std::size_t d = columns();
  const std::size_t backward = rows * d + upper_.frame_size(rows).scratch;
  return {.kept = 2 * rows * d, .scratch = std::max(backward, round_up(strip_size(), rows))};
}

}  // namespace flow

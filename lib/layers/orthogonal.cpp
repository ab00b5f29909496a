#include "layers/orthogonal.h"

#include <cmath>

#include "kernels/kernels.h"
#include "nn/dense.h"

namespace flow {

namespace {

Start start_vectors(std::size_t columns, Orthogonal::Begin begin) {
  return [=](Vec v, const Random& random) {
    std::vector<double> draws(columns);
    for (std::size_t i = 0; i * columns < v.size(); ++i) {
      random.normal(begin == Orthogonal::Begin::identity ? i / 2 : i, draws);
      for (std::size_t j = 0; j < columns; ++j) v[i * columns + j] = static_cast<real>(draws[j]);
    }
  };
}

}  // namespace

Orthogonal::Orthogonal(const std::string& name, std::size_t columns, std::size_t reflections,
                       Begin begin, ParamTable& table)
    : vectors_(table.add(name + "/reflections", reflections, columns, Role::bias,
                         start_vectors(columns, begin))),
      dense_(table.reserve((columns + 2) * stride())),
      packed_(reserve_packed(columns, columns, table)),
      packed_transpose_(reserve_packed(columns, columns, table)) {}

real Orthogonal::reflection(const real* theta, std::size_t i, real* v) const {
  const real* from = theta + vectors_.offset + i * columns();
  double norm = 0;
  for (std::size_t j = 0; j < stride(); ++j) {
    v[j] = j < columns() ? from[j] : 0;
    norm += static_cast<double>(v[j]) * static_cast<double>(v[j]);
  }
  return norm > 1e-30 ? static_cast<real>(2 / norm) : 0;
}

void Orthogonal::prepare(const real* theta, real* derived, bool) const {
  const std::size_t d = columns(), ld = stride();
  real *q = derived + dense_.offset, *v = q + d * ld, *vq = v + ld;
  std::fill_n(q, d * ld, real(0));
  for (std::size_t i = 0; i < d; ++i) q[i * ld + i] = 1;
  for (std::size_t i = vectors_.rows; i-- > 0;) {  // Q becomes H_i Q = Q - (2 / |v|^2) v (v^T Q)
    const real twice = reflection(theta, i, v);
    std::fill_n(vq, ld, real(0));
    for (std::size_t r = 0; r < d; ++r) kernels().axpy(ld, v[r], q + r * ld, vq);
    for (std::size_t r = 0; r < d; ++r) kernels().axpy(ld, -twice * v[r], vq, q + r * ld);
  }
  kernels().pack(q, d, d, ld, 1, derived + packed_.offset);
  kernels().pack(q, d, d, 1, ld, derived + packed_transpose_.offset);
}

void Orthogonal::forward(Mat x, LogDet, Frame f) const {
  const Mat kept_x = f.keep(columns());
  copy(x, kept_x);
  product(kept_x, f.derived(packed_), nullptr, Epilogue::set, x, f);
}

void Orthogonal::inverse(Mat z, LogDet, Frame f) const {
  const Mat from = f.scratch(columns());
  copy(z, from);
  product(from, f.derived(packed_transpose_), nullptr, Epilogue::set, z, f);
}

void Orthogonal::backward(Mat z, Mat dz, CLogDet, Frame f) const {
  const std::size_t d = columns(), ld = stride();
  const Mat from = f.scratch(d);
  real* t = f.scratch(round_up((d + 2) * ld, z.rows) / z.rows).data;
  real *v = t + d * ld, *a = v + ld;
  std::fill_n(t, d * ld, real(0));
  kernels().weight_gradient(z, dz, t, ld, f.scratch(gradient_columns(d)).data);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      const real part = t[i * ld + j] - t[j * ld + i];
      t[i * ld + j] = part, t[j * ld + i] = -part;
    }
  for (std::size_t i = 0; i < vectors_.rows; ++i) {  // a = T v, T += (2 / |v|^2) (v a^T - a v^T)
    const real twice = reflection(f.theta(vectors_).data() - vectors_.offset, i, v);
    std::fill_n(a, ld, real(0));
    for (std::size_t r = 0; r < d; ++r) kernels().axpy(ld, -v[r], t + r * ld, a);
    for (std::size_t j = 0; j < d; ++j) f.grad(vectors_)[i * d + j] += twice * a[j];
    for (std::size_t r = 0; r < d; ++r) {
      kernels().axpy(ld, twice * v[r], a, t + r * ld);
      kernels().axpy(ld, -twice * a[r], v, t + r * ld);
    }
  }
  copy(dz, from);
  kernels().product(from, f.derived(packed_transpose_), nullptr, Epilogue::set, {}, dz);
  copy(f.keep(d), z);
}

FrameSize Orthogonal::frame_size(std::size_t rows) const {
  const std::size_t d = columns();
  return {.kept = rows * d,
          .scratch = rows * d + round_up((d + 2) * stride(), rows) + rows * gradient_columns(d)};
}

}  // namespace flow

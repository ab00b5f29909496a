#include "layers/qr.h"

namespace flow {

Qr::Qr(const std::string& name, std::size_t columns, std::size_t reflections, ParamTable& table)
    : columns_(columns),
      r_(table.add(name + "/upper", columns, columns, Role::weight, start_at(0)), table),
      q_(name, columns, reflections, Orthogonal::Begin::identity, table) {}

void Qr::prepare(const real* theta, real* derived, bool gradient) const {
  r_.prepare(theta, derived, gradient);
  q_.prepare(theta, derived, gradient);
}

void Qr::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat kept_x = f.keep(columns_);
  copy(x, kept_x);
  r_.forward(kept_x, x, f);
  q_.forward(x, logdet, f);
  add_to_all(r_.log_det(f), logdet);
}

void Qr::inverse(Mat z, LogDet logdet, Frame f) const {
  q_.inverse(z, logdet, f);
  r_.solve(z, f);
  add_to_all(-r_.log_det(f), logdet);
}

void Qr::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const Mat x = f.keep(columns_);
  q_.backward(z, dz, dlogdet, f);
  const Mat dy = f.scratch(columns_);
  copy(dz, dy);
  r_.backward(x, dy, dz, sum(dlogdet), f);
  copy(x, z);
}

FrameSize Qr::frame_size(std::size_t rows) const {
  const FrameSize q = q_.frame_size(rows), r = r_.frame_size(rows);
  return {.kept = rows * columns_ + q.kept,
          .scratch = std::max(q.scratch, rows * columns_ + r.scratch)};
}

}  // namespace flow

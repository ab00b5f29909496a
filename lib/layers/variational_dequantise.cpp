#include "layers/variational_dequantise.h"

#include <cmath>
#include <utility>

namespace flow {

namespace {

// Where x stands in its unit, in [-1, 1); the middle for an infinite x.
real place(real x) {
  const real e = x - std::floor(x);
  return e >= 0 && e < 1 ? 2 * e - 1 : 0;
}

// Places of all numbers of x.
void places(CMat x, Mat e) {
  for (std::size_t j = 0; j < x.cols; ++j)
    for (std::size_t i = 0; i < x.rows; ++i) e(i, j) = place(x(i, j));
}

// The noise grid's last step below 1: float32 rounds 255 plus more up to 256.
constexpr real last = 1 - real(1) / 65536;

// Numbers of x move to other places of the same units.
void move(CMat e, Mat x) {
  for (std::size_t j = 0; j < x.cols; ++j)
    for (std::size_t i = 0; i < x.rows; ++i)
      x(i, j) = std::floor(x(i, j)) + std::clamp<real>((e(i, j) + 1) / 2, 0, last);
}

}  // namespace

VariationalDequantise::VariationalDequantise(real low, real high, std::size_t bins,
                                             std::unique_ptr<Conditioner> net)
    : low_(low), high_(high), spec_{.bound = 1, .bins = bins}, net_(std::move(net)) {}

void VariationalDequantise::see(CMat x, Mat seen) const {
  constexpr real far = 8;  // broken input must not make the net overflow
  for (std::size_t j = 0; j < x.cols; ++j)
    for (std::size_t i = 0; i < x.rows; ++i)
      seen(i, j) =
          std::clamp(2 * (std::floor(x(i, j)) - low_) / (high_ - low_) - 1, real(-far), real(far));
}

void VariationalDequantise::forward(Mat x, LogDet logdet, Frame f) const {
  const Mat kept = f.keep(columns()), seen = f.keep(columns()), h = f.keep(net_->outputs()),
            e = f.scratch(columns());
  copy(x, kept), see(x, seen), places(x, e);
  net_->forward(seen, h, f);
  kernels().spline.forward(spec_, e, h, nullptr, logdet.data());
  move(e, x);
}

void VariationalDequantise::inverse(Mat z, LogDet logdet, Frame f) const {
  f.keep(columns());
  const Mat seen = f.keep(columns()), h = f.keep(net_->outputs()), u = f.scratch(columns());
  see(z, seen), places(z, u);
  net_->forward(seen, h, f);
  kernels().spline.inverse(spec_, u, h, nullptr, logdet.data());
  move(u, z);
}

// Both ends of the spline are halved and shifted, so its slope is that of z over x.
void VariationalDequantise::backward(Mat z, Mat dz, CLogDet dlogdet, Frame f) const {
  const Mat kept = f.keep(columns()), seen = f.keep(columns()), h = f.keep(net_->outputs()),
            e = f.scratch(columns()), unused = f.scratch(columns());
  places(kept, e);
  const auto scale = [](Mat m, real a) {
    const real zero = 0;
    for (std::size_t j = 0; j < m.cols; ++j) kernels().scale_shift(m.columns(j, 1), &a, &zero);
  };
  scale(dz, real(0.5));
  kernels().spline.backward(spec_, e, dz, h, nullptr, nullptr, dlogdet.data());
  scale(dz, 2);
  fill(unused, 0);
  net_->backward(seen, unused, h, f);
  copy(kept, z);
}

FrameSize VariationalDequantise::frame_size(std::size_t rows) const {
  const FrameSize net = net_->frame_size(rows);
  return {.kept = net.kept + rows * (2 * columns() + net_->outputs()),
          .scratch = net.scratch + 2 * rows * columns()};
}

}  // namespace flow

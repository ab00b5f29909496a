#include "nn/convolution.h"

#include <utility>

#include "nn/dense.h"

namespace flow {

namespace {

// At how many pixels a tap falls within the image, on average.
double uses(const Convolution& c) {
  const auto along = [&](std::size_t n) {
    std::size_t inside = 0;
    for (std::size_t i = 0; i < n; ++i)
      inside += std::min(i, c.reach) + 1 + std::min(n - 1 - i, c.reach);
    return static_cast<double>(inside) / static_cast<double>(2 * c.reach + 1);
  };
  return along(c.size.height) * along(c.size.width);
}

}  // namespace

ConvolutionLayer::ConvolutionLayer(const std::string& name, const Spec& spec, Start weight,
                                   ParamTable& table)
    : spec_(spec),
      weight_(table.add(name + "/weight", spec.outputs, spec.window.taps() * spec.inputs,
                        Role::weight, std::move(weight), uses(spec.window))),
      bias_(table.add(name + "/bias", 1, spec.outputs, Role::bias, start_at(0))),
      w_(table.reserve(weights())),
      b_(table.reserve(spec.outputs)),
      packed_(reserve_packed(spec.outputs, spec.window.taps() * spec.inputs, table)),
      reversed_(table.reserve(weights())),
      packed_reversed_(reserve_packed(spec.inputs, spec.window.taps() * spec.outputs, table)) {
  if (spec.weighting != Weighting::plain)
    gain_ = table.add(name + "/gain", 1, spec.outputs, Role::bias, start_at(spec.gain));
}

void ConvolutionLayer::prepare(const real* theta, real* derived, bool gradient) const {
  real* w = derived + w_.offset;
  const auto of = [&](Param p) { return CVec{theta + p.offset, p.size()}; };
  reparameterise(spec_.weighting, {of(weight_), of(gain_), of(bias_)}, {w, weights()},
                 {derived + b_.offset, spec_.outputs});
  kernels().pack(w, weight_.rows, weight_.cols, weight_.cols, 1, derived + packed_.offset);
  if (!gradient) return;
  real* reversed = derived + reversed_.offset;  // inputs x taps * outputs
  const std::size_t taps = spec_.window.taps(), in = spec_.inputs, out = spec_.outputs;
  for (std::size_t c = 0; c < in; ++c)
    for (std::size_t t = 0; t < taps; ++t)
      for (std::size_t o = 0; o < out; ++o)
        reversed[(c * taps + t) * out + o] = w[(o * taps + taps - 1 - t) * in + c];
  kernels().pack(reversed, in, taps * out, taps * out, 1, derived + packed_reversed_.offset);
}

void ConvolutionLayer::forward(CMat x, Mat y, Epilogue epilogue, Frame f) const {
  const auto convolve = f.one_row() ? kernels().convolve_row : kernels().convolve;
  convolve(spec_.window, x, f.derived(packed_), f.derived(b_), epilogue, {}, y);
}

void ConvolutionLayer::backward(CMat x, CMat dy, Mat dx, Epilogue epilogue, CMat gate,
                                Frame f) const {
  add_gradient(x, dy, f);
  kernels().convolve(spec_.window, dy, f.derived(packed_reversed_), nullptr, epilogue, gate, dx);
}

void ConvolutionLayer::add_gradient(CMat x, CMat dy, Frame f) const {
  const auto reals = [&](std::size_t n) {
    return f.scratch(round_up(n, f.rows()) / f.rows()).data;
  };
  real *dw = reals(weights()), *db = reals(spec_.outputs), *sums = reals(outputs());
  real* turned = reals(kernels().convolve_gradient_scratch(spec_.window, f.rows(), spec_.inputs));
  std::fill_n(dw, weights(), real(0)), std::fill_n(db, spec_.outputs, real(0));
  std::fill_n(sums, outputs(), real(0));
  kernels().convolve_gradient(spec_.window, x, dy, dw, turned);
  kernels().sum(dy, sums);
  for (std::size_t k = 0; k < outputs(); ++k) db[k % spec_.outputs] += sums[k];
  reparameterise_backward(spec_.weighting, {f.theta(weight_), f.theta(gain_), f.theta(bias_)},
                          {dw, weights()}, {db, spec_.outputs},
                          {f.grad(weight_), f.grad(gain_), f.grad(bias_)});
}

FrameSize ConvolutionLayer::frame_size(std::size_t rows) const {
  const std::size_t turned = kernels().convolve_gradient_scratch(spec_.window, rows, spec_.inputs);
  return {.kept = 0,
          .scratch = round_up(weights(), rows) + round_up(spec_.outputs, rows) +
                     round_up(outputs(), rows) + round_up(turned, rows)};
}

}  // namespace flow

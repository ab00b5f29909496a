#include "nn/mlp.h"

namespace flow {

Mlp::Mlp(const std::string& name, std::size_t inputs, std::size_t outputs, const NetSpec& spec,
         ParamTable& table)
    : spec_(spec) {
  std::size_t from = inputs;
  for (std::size_t l = 0; l < spec.hidden.size(); from = spec.hidden[l++])
    layers_.emplace_back(name + "/" + std::to_string(l), from, spec.hidden[l],
                         spec.hidden_start > 0 ? start_uniform(spec.hidden_start) : start_he(from),
                         spec.hidden_start > 0 ? start_uniform(spec.hidden_start) : start_at(0),
                         table);
  layers_.emplace_back(name + "/" + std::to_string(spec.hidden.size()), from, outputs,
                       start_uniform(spec.start), start_uniform(spec.start), table);
}

void Mlp::prepare(const real* theta, real* derived, bool gradient) const {
  for (const Dense& layer : layers_) layer.prepare(theta, derived, gradient);
}

Mlp::Hidden Mlp::hidden(std::size_t l, Frame f) const {
  Hidden h{};
  for (std::size_t k = 0; k <= l; ++k) {
    const std::size_t units = spec_.hidden[k];
    h.out = f.keep(units);
    h.before = keeps_before() ? f.keep(units) : h.out;
    if (drops()) h.mask = f.keep(units);
  }
  return h;
}

void Mlp::forward(CMat x, Mat h, Frame f) const {
  CMat a = x;
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) {
    const Hidden k = hidden(l, f);
    switch (spec_.activation) {
      case Activation::relu:
        layers_[l].forward(a, k.out, Epilogue::relu, f);
        break;
      case Activation::silu:
        layers_[l].forward(a, k.before, Epilogue::set, f);
        activate(spec_.activation, k.before, k.out);
        break;
      case Activation::tanh:
        layers_[l].forward(a, k.before, Epilogue::set, f);
        activate(spec_.activation, k.before, k.before);
        if (drops()) copy(k.before, k.out);
        break;
    }
    if (f.training() && drops()) {
      dropout_mask(spec_.dropout, spec_.number * 16 + static_cast<std::uint32_t>(l), k.mask,
                   f.keys());
      kernels().multiply(k.mask, k.out);
    }
    a = k.out;
  }
  layers_.back().forward(a, h, Epilogue::set, f);
}

// From the last layer to the first; two scratch matrices take turns as dL/da.
void Mlp::backward(CMat x, Mat dx, CMat dh, Frame f) const {
  const std::size_t n = spec_.hidden.size();
  const std::size_t widest = n ? *std::max_element(spec_.hidden.begin(), spec_.hidden.end()) : 0;
  const Mat turns[2] = {f.scratch(widest), f.scratch(widest)};
  const bool relu = spec_.activation == Activation::relu;
  CMat dy = dh;
  for (std::size_t l = n; l > 0; --l) {
    const Hidden k = hidden(l - 1, f);
    const Mat da = turns[l % 2].columns(0, spec_.hidden[l - 1]);
    // A dropped unit's output is 0, so the ReLU's gate is closed for it too.
    layers_[l].backward(k.out, dy, da, relu ? Epilogue::gate : Epilogue::set, k.out, f);
    if (f.training() && drops()) kernels().multiply(k.mask, da);
    if (!relu) activate_backward(spec_.activation, k.before, k.before, da);
    dy = da;
  }
  layers_[0].backward(x, dy, dx, Epilogue::add, {}, f);
}

FrameSize Mlp::frame_size(std::size_t rows) const {
  const std::size_t each = 1 + (keeps_before() ? 1 : 0) + (drops() ? 1 : 0);
  FrameSize size;
  std::size_t widest = 0;
  for (std::size_t units : spec_.hidden) {
    size.kept += rows * each * units;
    widest = std::max(widest, units);
  }
  for (const Dense& layer : layers_)
    size.scratch = std::max(size.scratch, layer.frame_size(rows).scratch);
  size.scratch += 2 * rows * widest;
  return size;
}

}  // namespace flow

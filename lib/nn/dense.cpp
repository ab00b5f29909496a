#include "nn/dense.h"

#include <cmath>
#include <utility>

namespace flow {

Slot reserve_packed(std::size_t outputs, std::size_t inputs, ParamTable& table) {
  return table.reserve(kernels().packed_size(outputs, inputs));
}

void product(CMat x, const real* packed, const real* bias, Epilogue epilogue, Mat y, Frame f) {
  const auto multiply = f.one_row() ? kernels().row_product : kernels().product;
  multiply(x, packed, bias, epilogue, {}, y);
}

std::size_t gradient_columns(std::size_t inputs) { return round_up(inputs, 2 * lanes); }

Start start_he(std::size_t inputs) {
  return start_normal(std::sqrt(2.0 / static_cast<double>(inputs)));
}

Dense::Dense(const std::string& name, std::size_t inputs, std::size_t outputs, Start weight,
             Start bias, ParamTable& table)
    : weight_(table.add(name + "/weight", outputs, inputs, Role::weight, std::move(weight))),
      bias_(table.add(name + "/bias", 1, outputs, Role::bias, std::move(bias))),
      packed_(reserve_packed(outputs, inputs, table)),
      packed_transpose_(reserve_packed(inputs, outputs, table)) {}

void Dense::prepare(const real* theta, real* derived, bool gradient) const {
  const real* w = theta + weight_.offset;
  kernels().pack(w, outputs(), inputs(), inputs(), 1, derived + packed_.offset);
  if (gradient)
    kernels().pack(w, inputs(), outputs(), 1, inputs(), derived + packed_transpose_.offset);
}

void Dense::forward(CMat x, Mat y, Epilogue epilogue, Frame f) const {
  product(x, f.derived(packed_), f.theta(bias_).data(), epilogue, y, f);
}

void Dense::backward(CMat x, CMat dy, Mat dx, Epilogue epilogue, CMat gate, Frame f) const {
  const Mat turned = f.scratch(gradient_columns(inputs()));
  kernels().weight_gradient(x, dy, f.grad(weight_).data(), inputs(), turned.data);
  kernels().sum(dy, f.grad(bias_).data());
  kernels().product(dy, f.derived(packed_transpose_), nullptr, epilogue, gate, dx);
}

FrameSize Dense::frame_size(std::size_t rows) const {
  return {.kept = 0, .scratch = rows * gradient_columns(inputs())};
}

}  // namespace flow

// The activations of hidden layers: y = f(x), number by number.
#pragma once
#include "core/frame.h"
#include "kernels/kernels.h"

namespace flow {

enum class Activation { relu, tanh, silu };

inline void activate(Activation a, CMat x, Mat y) {
  switch (a) {
    case Activation::relu:
      return kernels().relu(x, y);
    case Activation::tanh:
      return kernels().tanh(x, y);
    case Activation::silu:
      return kernels().silu(x, y);
  }
}

// dy becomes dL/dx. x is read for silu only, y for the others.
inline void activate_backward(Activation a, CMat x, CMat y, Mat dy) {
  switch (a) {
    case Activation::relu:
      return kernels().relu_backward(y, dy);
    case Activation::tanh:
      return kernels().tanh_backward(y, dy);
    case Activation::silu:
      return kernels().silu_backward(x, dy);
  }
}

// Inverted dropout (Srivastava and others, 2014): mask holds 0 with the given probability, else
// 1 / (1 - probability), keyed by (seed, step, row of the batch, unit).
void dropout_mask(double probability, std::uint32_t layer, Mat mask, const Keys& keys);

}  // namespace flow
